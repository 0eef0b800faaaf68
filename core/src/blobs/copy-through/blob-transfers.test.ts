import {randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import {openMetadata} from '../../metadata/open-metadata.ts';
import {type Digest, digestOf} from '../../oci/digest.ts';
import {type ImageName, parseImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import {createMemoryBackend, createMemoryDriver} from '../../storage/memory-driver.ts';
import {Storage} from '../../storage/storage.ts';
import type {BlobContent, CopyThroughOptions} from '../blob-store.ts';
import {LiveHashes} from '../live-hashes.ts';
import {StorageBlobStore} from '../storage-blob-store.ts';
import {BlobTransfers} from './blob-transfers.ts';
import type {CopySource} from './copy-source.ts';

const silent = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};
const image = parseImageName('library/busybox');

interface World {
	readonly blobs: StorageBlobStore;
	readonly metadata: MetadataStore;
	readonly transfers: BlobTransfers;
	readonly repositoryId: number;
	readonly folder: string;
	/** What the image holds, or undefined. */
	held(digest: Digest, of?: ImageName): Promise<Buffer | undefined>;
	/** Waits until the image holds the blob. */
	stored(digest: Digest, of?: ImageName): Promise<Buffer>;
}

async function openWorld(t: ExecutionContext, storage?: Storage): Promise<World> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-transfers-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	const main = storage ?? new Storage('main', createMemoryDriver(createMemoryBackend()));
	const definition = {key: 'hub', type: 'remote', storage: 'main', description: '', options: {}};
	const {id: repositoryId} = await metadata.definitions.insert(definition);
	const transfers = await BlobTransfers.open({folder});
	t.teardown(() => transfers.close());
	const parts = {storage: main, storages: new Map(), metadata, repositoryId, hashes: new LiveHashes(), logger: silent};
	const blobs = new StorageBlobStore({...parts, transfers});
	const held = async (digest: Digest, of = image) => {
		const blob = await metadata.repository(repositoryId).findBlob(of, digest);
		return blob && readContent(await blobs.open(blob));
	};
	const stored = async (digest: Digest, of = image) => {
		for (let tries = 0; tries < 500; tries++) {
			const bytes = await held(digest, of);
			if (bytes !== undefined) {
				return bytes;
			}
			await sleep(10);
		}
		throw new Error('the blob was not stored');
	};
	return {blobs, metadata, transfers, repositoryId, folder, held, stored};
}

/** A source of `bytes` in pieces, that says how often and from where it was opened. */
function sourceOf(bytes: Buffer, more: Partial<CopySource> & {pieceSize?: number; delayMs?: number} = {}) {
	const {pieceSize = 50_000, delayMs} = more;
	const opened: (readonly [number, number | undefined])[] = [];
	const pieces = async function* (offset: number, end: number) {
		for (let start = offset; start < end; start += pieceSize) {
			await (delayMs === undefined ? undefined : sleep(delayMs));
			yield bytes.subarray(start, Math.min(end, start + pieceSize));
		}
	};
	const source: CopySource = {
		check: async () => true,
		...more,
		async open(signal, offset, end) {
			opened.push([offset, end]);
			return more.open ? more.open(signal, offset, end) : Readable.from(pieces(offset, end ?? bytes.length));
		},
	};
	return {source, opened};
}

async function readContent(content: BlobContent | undefined): Promise<Buffer> {
	if (content?.kind !== 'bytes') {
		throw new Error('no bytes');
	}
	return Buffer.concat(await content.body.toArray());
}

function blobOf(bytes: Buffer) {
	return {digest: digestOf(bytes), size: bytes.length};
}

function copy({blobs}: World, bytes: Buffer, source: CopySource, options: CopyThroughOptions & {of?: ImageName} = {}) {
	return blobs.copyThrough({image: options.of ?? image, startedBy: 'remote'}, blobOf(bytes), source, options);
}

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
