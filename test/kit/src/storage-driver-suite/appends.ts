import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {BrokenBody, breakingInFile, inOddPieces, patternBytes, writingItself} from './bodies.ts';
import type {Topic} from './suite-case.ts';

const maxStateLength = 1024 * 1024;

export const appends: Topic = (define, {partSize}) => {
	define('appends of sizes that fit no part become one object', async world => {
		const sizes = [1, 5, partSize, 3, 0, partSize - 4, 2 * partSize + 1, 7];
		const bytes = patternBytes(sizes.reduce((sum, size) => sum + size, 0));
		let state = await world.create(world.key('object'));
		for (const size of sizes) {
			const {offset} = state;
			state = await world.append(state, inOddPieces(bytes.subarray(offset, offset + size)));
			assert.equal(state.offset, offset + size);
		}
		await world.seal(state);
		assert.ok(bytes.equals(await world.bytes(world.key('object'))));
	});

	define('many short appends become one object, and the state stays small', async world => {
		const bytes = patternBytes(30 * 1_001);
		let state = await world.create(world.key('object'));
		for (let turn = 0; turn < 30; turn += 1) {
			state = await world.append(state, inOddPieces(bytes.subarray(turn * 1_001, (turn + 1) * 1_001)));
		}
		assert.ok(JSON.stringify(state).length < maxStateLength, 'the state is for a database column');
		await world.seal(state);
		assert.ok(bytes.equals(await world.bytes(world.key('object'))));
	});

	define('a body of thousands of tiny pieces is stored whole', async world => {
		const bytes = patternBytes(20_000);
		const pieces = Array.from({length: 10_000}, (_, index) => bytes.subarray(2 * index, 2 * index + 2));
		const state = await world.append(
			await world.create(world.key('object')),
			Readable.from(pieces, {objectMode: false}),
		);
		await world.seal(state);
		assert.ok(bytes.equals(await world.bytes(world.key('object'))));
	});

	define('a body that can write itself into a file is stored whole, first or later', async world => {
		const bytes = patternBytes(partSize + 3);
		const first = await world.append(await world.create(world.key('object')), writingItself(bytes));
		assert.equal(first.offset, bytes.length);
		const second = await world.append(first, writingItself(patternBytes(10, 2)));
		await world.seal(second);
		assert.ok(Buffer.concat([bytes, patternBytes(10, 2)]).equals(await world.bytes(world.key('object'))));
	});

	define('nothing stays of a body that broke while it wrote itself', async world => {
		const state = await world.create(world.key('object'));
		await assert.rejects(world.append(state, breakingInFile(patternBytes(5_000, 3))), BrokenBody);
		await world.seal(await world.append(state, writingItself(patternBytes(1_000))));
		assert.ok(patternBytes(1_000).equals(await world.bytes(world.key('object'))));
	});

	define('a new upload stands at zero and says its key', async world => {
		const state = await world.create(world.key('upload'));
		assert.equal(state.offset, 0);
		assert.equal(state.key, world.key('upload'));
	});

	define('uploads under different keys do not mix when they go on in turns', async world => {
		let one = await world.create(world.key('one'));
		let two = await world.create(world.key('two'));
		for (let turn = 0; turn < 3; turn += 1) {
			one = await world.append(one, inOddPieces(patternBytes(5_000, 10 + turn)));
			two = await world.append(two, inOddPieces(patternBytes(5_000, 20 + turn)));
		}
		await world.seal(two);
		await world.seal(one);
		assert.ok(threePieces(10).equals(await world.bytes(world.key('one'))));
		assert.ok(threePieces(20).equals(await world.bytes(world.key('two'))));
	});

	define('what was appended before a process ended is there for the next one', async world => {
		const bytes = patternBytes(partSize + 100);
		const state = await world.append(await world.create(world.key('upload')), inOddPieces(bytes));
		await world.using(async driver => {
			const next = await driver.appendUpload(world.kept(state), inOddPieces(patternBytes(50, 2)));
			await driver.sealUpload(world.kept(next));
		});
		assert.ok(Buffer.concat([bytes, patternBytes(50, 2)]).equals(await world.bytes(world.key('upload'))));
	});
};

function threePieces(seed: number): Buffer {
	return Buffer.concat([0, 1, 2].map(turn => patternBytes(5_000, seed + turn)));
}
