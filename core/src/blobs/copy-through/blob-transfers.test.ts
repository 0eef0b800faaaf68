import {randomBytes} from 'node:crypto';
import {readdir} from 'node:fs/promises';
import {Readable} from 'node:stream';
import test from 'ava';
import {digestOf} from '../../oci/digest.ts';
import {parseImageName} from '../../oci/image-name.ts';
import {copy, openWorld, readContent, sourceOf} from './fixtures/transfer-world.ts';

for (const size of [0, 1, 1_023, 1_024, 1_025, 60_000, 5_000_000]) {
	test(`a blob of ${size} bytes is passed on and stored`, async t => {
		const world = await openWorld(t);
		const bytes = randomBytes(size);
		const {source, opened} = sourceOf(bytes);
		const content = await copy(world, bytes, source);
		t.is(content?.size, size);
		t.true((await readContent(content)).equals(bytes));
		t.true((await world.stored(digestOf(bytes))).equals(bytes));
		t.deepEqual(opened, [[0, undefined]]);
		t.deepEqual(await readdir(world.folder), []);
	});
}

test('a hundred readers at a time cause one transfer, and slow ones do not slow the others', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(3_000_000);
	const {source, opened} = sourceOf(bytes, {delayMs: 1});
	const slow = await copy(world, bytes, source);
	const contents = await Promise.all(Array.from({length: 100}, () => copy(world, bytes, source)));
	for (const read of await Promise.all(contents.map(readContent))) {
		t.true(read.equals(bytes));
	}
	t.true((await world.stored(digestOf(bytes))).equals(bytes));
	t.true((await readContent(slow)).equals(bytes));
	t.is(opened.length, 1);
});

test('the first bytes come before the source has given the last', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(200_000);
	const rest = Promise.withResolvers<void>();
	const {source} = sourceOf(bytes, {
		open: async () =>
			Readable.from(
				(async function* () {
					yield bytes.subarray(0, 1_000);
					await rest.promise;
					yield bytes.subarray(1_000);
				})(),
			),
	});
	const content = await copy(world, bytes, source);
	t.is(content?.kind, 'bytes');
	const body = content?.kind === 'bytes' ? content.body : Readable.from([]);
	const iterator = body.iterator() as AsyncIterableIterator<Buffer>;
	const first = await iterator.next();
	t.true((first.value as Buffer).equals(bytes.subarray(0, 1_000)));
	rest.resolve();
	const others: Buffer[] = [];
	for await (const chunk of iterator) {
		others.push(chunk);
	}
	t.true(Buffer.concat(others).equals(bytes.subarray(1_000)));
});

test('the transfer goes on when its reader leaves', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(1_000_000);
	const {source} = sourceOf(bytes, {delayMs: 2});
	const content = await copy(world, bytes, source);
	if (content?.kind === 'bytes') {
		content.body.destroy();
	}
	t.true((await world.stored(digestOf(bytes))).equals(bytes));
});

test('a caller who gives up waiting ends his waiting only', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(10_000);
	const opening = Promise.withResolvers<void>();
	const {source} = sourceOf(bytes, {
		async open() {
			await opening.promise;
			return Readable.from([bytes]);
		},
	});
	const controller = new AbortController();
	const reason = new Error('left');
	const waiting = copy(world, bytes, source, {signal: controller.signal});
	controller.abort(reason);
	t.is(await t.throwsAsync(waiting), reason);
	opening.resolve();
	t.true((await world.stored(digestOf(bytes))).equals(bytes));
});

test('another image joins a transfer only if the source gives it the blob, and then holds it too', async t => {
	const world = await openWorld(t);
	const [other, stranger] = [parseImageName('library/other'), parseImageName('stranger')];
	const bytes = randomBytes(500_000);
	const {source, opened} = sourceOf(bytes, {delayMs: 5});
	const first = await copy(world, bytes, source);
	t.is(await copy(world, bytes, {...source, check: async () => false}, {of: stranger}), undefined);
	const second = await copy(world, bytes, source, {of: other});
	t.true((await readContent(second)).equals(bytes));
	t.true((await readContent(first)).equals(bytes));
	t.true((await world.stored(digestOf(bytes), other)).equals(bytes));
	t.true((await world.stored(digestOf(bytes))).equals(bytes));
	t.is(await world.held(digestOf(bytes), stranger), undefined);
	t.is(opened.length, 1);
});

test('a part is served when it has come, without waiting for the rest', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(1_000_000);
	const rest = Promise.withResolvers<void>();
	const {source, opened} = sourceOf(bytes, {
		open: async () =>
			Readable.from(
				(async function* () {
					yield bytes.subarray(0, 300_000);
					await rest.promise;
					yield bytes.subarray(300_000);
				})(),
			),
	});
	const part = await copy(world, bytes, source, {range: {start: 100_000, end: 200_000}});
	t.is(part?.size, 100_000);
	t.true((await readContent(part)).equals(bytes.subarray(100_000, 200_000)));
	rest.resolve();
	t.true((await world.stored(digestOf(bytes))).equals(bytes));
	t.is(opened.length, 1);
});

for (const breaks of [false, true]) {
	test(`a part far ahead comes from the source itself${breaks ? ', and from the transfer when that breaks off' : ''}`, async t => {
		const world = await openWorld(t);
		const bytes = randomBytes(8_000_000);
		const range = {start: 7_000_000, end: 7_500_000};
		const plain = sourceOf(bytes, {delayMs: 1});
		const {source, opened} = sourceOf(bytes, {
			open: async (signal, offset, end) => {
				if (end === undefined || !breaks) {
					return plain.source.open(signal, offset, end);
				}
				return Readable.from(
					(async function* () {
						yield bytes.subarray(offset, offset + 100_000);
						throw new Error('connection reset');
					})(),
				);
			},
		});
		t.true((await readContent(await copy(world, bytes, source, {range}))).equals(bytes.subarray(7_000_000, 7_500_000)));
		t.deepEqual(opened, [
			[0, undefined],
			[7_000_000, 7_500_000],
		]);
		t.true((await world.stored(digestOf(bytes))).equals(bytes));
	});
}

for (const size of [60_000, 5_000_000]) {
	test(`another image whose question about ${size} bytes takes longer than the transfer still gets and holds them`, async t => {
		const world = await openWorld(t);
		const bytes = randomBytes(size);
		const {source, opened} = sourceOf(bytes);
		const answer = Promise.withResolvers<boolean>();
		const other = parseImageName('library/other');
		const content = await copy(world, bytes, source);
		const joining = copy(world, bytes, {...source, check: () => answer.promise}, {of: other});
		t.true((await readContent(content)).equals(bytes));
		await world.stored(digestOf(bytes));
		await world.transfers.close();
		answer.resolve(true);
		t.true((await readContent(await joining)).equals(bytes));
		t.true((await world.stored(digestOf(bytes), other)).equals(bytes));
		t.is(opened.length, 1);
	});
}
