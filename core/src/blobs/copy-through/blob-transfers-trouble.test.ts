import {randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import test from 'ava';
import {digestOf} from '../../oci/digest.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import {createMemoryBackend, createMemoryDriver} from '../../storage/memory-driver.ts';
import {Storage} from '../../storage/storage.ts';
import {BlobTransfers} from './blob-transfers.ts';
import {copy, openWorld, readContent, sourceOf} from './fixtures/transfer-world.ts';

for (const ranges of [true, false]) {
	test(`a source that breaks off is asked to go on${ranges ? '' : ', from its beginning if it knows no parts'}`, async t => {
		const world = await openWorld(t);
		const bytes = randomBytes(900_000);
		const broken = async function* (offset: number) {
			yield bytes.subarray(offset, offset + 400_000);
			if (offset + 400_000 < bytes.length) {
				throw new Error('connection reset');
			}
		};
		let beginnings = 0;
		const whole = async function* () {
			beginnings += 1;
			yield bytes.subarray(0, 300_000 * beginnings);
		};
		const {source, opened} = sourceOf(bytes, {
			open: async (_signal, offset) =>
				ranges ? Readable.from(broken(offset)) : offset === 0 ? Readable.from(whole()) : undefined,
		});
		t.true((await readContent(await copy(world, bytes, source))).equals(bytes));
		t.true((await world.stored(digestOf(bytes))).equals(bytes));
		const offsets = opened.map(([offset]) => offset);
		t.deepEqual(offsets, ranges ? [0, 400_000, 800_000] : [0, 300_000, 0, 600_000, 0]);
	});
}

test('a source that gives nothing more is given up, and readers are not left with a part', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(100_000);
	const {source, opened} = sourceOf(bytes, {
		open: async (_signal, offset) => Readable.from(offset === 0 ? [bytes.subarray(0, 50_000)] : []),
	});
	const content = await copy(world, bytes, source);
	await t.throwsAsync(readContent(content), {message: /broke off/});
	t.is(opened.length, 7);
	t.is(await world.held(digestOf(bytes)), undefined);
});

const wrong: readonly (readonly [what: string, make: (bytes: Buffer) => Buffer])[] = [
	['a changed last byte', bytes => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])])],
	['a changed first byte', bytes => Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)])],
	['more bytes', bytes => Buffer.concat([bytes, Buffer.from('!')])],
];

for (const [what, make] of wrong) {
	for (const size of [10, 500_000]) {
		test(`${what} of ${size} is never stored, and nobody takes it for the whole`, async t => {
			const world = await openWorld(t);
			const bytes = randomBytes(size);
			const other = make(bytes);
			const {source} = sourceOf(bytes, {open: async () => Readable.from([other])});
			const content = await copy(world, bytes, source);
			const body = content?.kind === 'bytes' ? content.body : Readable.from([]);
			let received = 0;
			const error = await t.throwsAsync(
				(async () => {
					for await (const chunk of body as AsyncIterable<Buffer>) {
						received += chunk.length;
					}
				})(),
				{instanceOf: RegistryError},
			);
			t.is(error?.status, 502);
			t.true(received < size);
			t.is(await world.metadata.blobs.find('main', digestOf(other)), undefined);
			t.is(await world.metadata.blobs.find('main', digestOf(bytes)), undefined);
		});
	}
}

test('what the source says instead of giving bytes is told to all who wait, and asked anew by the next', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(1_000);
	const refusal = new RegistryError('TOOMANYREQUESTS', 'later');
	let refused = true;
	const {source, opened} = sourceOf(bytes, {
		async open() {
			if (refused) {
				throw refusal;
			}
			return Readable.from([bytes]);
		},
	});
	const both = await Promise.allSettled([copy(world, bytes, source), copy(world, bytes, source)]);
	t.deepEqual(
		both.map(result => result.status === 'rejected' && result.reason === refusal),
		[true, true],
	);
	t.is(opened.length, 1);
	refused = false;
	t.true((await readContent(await copy(world, bytes, source))).equals(bytes));
});

test('readers get their bytes when the storage fails', async t => {
	const driver = createMemoryDriver(createMemoryBackend());
	driver.appendUpload = () => Promise.reject(new Error('disk full'));
	const world = await openWorld(t, new Storage('main', driver));
	const bytes = randomBytes(2_000_000);
	const {source} = sourceOf(bytes);
	t.true((await readContent(await copy(world, bytes, source))).equals(bytes));
	t.is(await world.held(digestOf(bytes)), undefined);
	await world.transfers.close();
	t.deepEqual(await world.metadata.uploads.findIdle(new Date(Date.now() + 1_000), 10), []);
});

test('closing ends transfers and their readers, and leaves no upload behind', async t => {
	const world = await openWorld(t);
	const bytes = randomBytes(1_000_000);
	const {source} = sourceOf(bytes, {delayMs: 50});
	const content = await copy(world, bytes, source);
	const read = t.throwsAsync(readContent(content));
	await world.transfers.close();
	await read;
	t.is(await world.held(digestOf(bytes)), undefined);
	t.deepEqual(await world.metadata.uploads.findIdle(new Date(Date.now() + 1_000), 10), []);
});

test('what a process left in the folder is removed when the next one starts', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-transfers-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	await mkdir(join(folder, 'spool'));
	await writeFile(join(folder, 'spool', 'left.spool'), 'left');
	await BlobTransfers.open({folder: join(folder, 'spool')});
	t.deepEqual(await readdir(join(folder, 'spool')), []);
});
