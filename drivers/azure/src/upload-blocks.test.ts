import test from 'ava';
import {classifyError} from './errors.ts';
import {UploadBlocks, blockId, checkBlockCount, newRun, tailBlockId} from './upload-blocks.ts';

test('what a state remembers survives JSON, in order', t => {
	const [one, two] = [newRun(), newRun()];
	const blocks = UploadBlocks.of(undefined).after(one, 2, Buffer.from('x')).after(two, 1, Buffer.from('tail'));
	const again = UploadBlocks.of(JSON.parse(JSON.stringify(blocks.toJson())));
	t.is(again.count, 3);
	t.deepEqual(again.ids, [blockId(one, 0), blockId(one, 1), blockId(two, 0)]);
	t.is(again.tail.toString(), 'tail');
});

test('an append that staged nothing leaves no trace but its tail', t => {
	t.deepEqual(UploadBlocks.of({}).after(newRun(), 0, Buffer.alloc(0)).toJson(), {});
	t.deepEqual(UploadBlocks.of({}).after(newRun(), 0, Buffer.from('a')).toJson(), {tail: 'YQ=='});
});

test('all names of blocks are of one length, and no two appends share one', t => {
	const names = [blockId(newRun(), 0), blockId(newRun(), 49_999), blockId(newRun(), 0), tailBlockId];
	t.is(new Set(names.map(name => name.length)).size, 1);
	t.is(new Set(names).size, names.length);
});

test('a state stays small when an upload comes in very many appends', t => {
	let blocks = UploadBlocks.of(undefined);
	for (let append = 0; append < 20_000; append += 1) {
		blocks = blocks.after(newRun(), 1, Buffer.alloc(0));
	}
	t.true(JSON.stringify(blocks.toJson()).length < 20 * 20_000);
});

test('more blocks than a blob can have are refused as a lack of room', t => {
	t.notThrows(() => checkBlockCount(50_000));
	const error = t.throws(() => checkBlockCount(50_001), {message: /blockMebibytes/});
	t.is(classifyError(error), 'full');
});
