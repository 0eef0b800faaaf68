import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {blobFixture, createTestHost, silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {createMemoryBackend, createMemoryDriver} from '../storage/memory-driver.ts';
import {digestOf} from '../oci/digest.ts';
import {parseImageName} from '../oci/image-name.ts';
import {LiveHashes} from './live-hashes.ts';
import {StorageBlobStore} from './storage-blob-store.ts';

const image = parseImageName('library/alpine');
const owner = {image, startedBy: 'ann'};

async function openWorld(t: ExecutionContext) {
	const backend = createMemoryBackend();
	const host = await createTestHost({openDriver: async () => createMemoryDriver(backend)});
	t.teardown(() => host.close());
	const repositoryId = (await host.metadata.definitions.find('local'))?.id ?? 0;
	const {metadata, storage, storages} = host;
	const records = metadata.repository(repositoryId);
	const openProcess = (hashes = new LiveHashes()) =>
		new StorageBlobStore({storage, storages, metadata, repositoryId, hashes, logger: silentLogger});
	return {...host, backend, records, repositoryId, openProcess};
}

function bodyThatBreaks(first: Buffer): Readable {
	return Readable.from(
		(async function* () {
			yield first;
			await sleep(5);
			throw Object.assign(new Error('aborted'), {code: 'ECONNRESET'});
		})(),
	);
}

async function readAll(store: StorageBlobStore, blob: Parameters<StorageBlobStore['open']>[0]): Promise<Buffer> {
	const content = await store.open(blob);
	return content.kind === 'bytes' ? Buffer.concat(await content.body.toArray()) : Buffer.alloc(0);
}

test('a blob pushed in pieces is what it was, under its own key, and the upload is gone', async t => {
	const {backend, records, metadata, openProcess} = await openWorld(t);
	const store = openProcess();
	const {bytes, digest} = blobFixture(5_000);
	const upload = await store.startUpload(owner);
	for (const start of [0, 1_000, 3_000]) {
		await upload.append(Readable.from([bytes.subarray(start, start === 3_000 ? 5_000 : start * 2 + 1_000)]));
	}
	t.is(upload.offset, 5_000);
	t.like(await upload.commit(digest), {digest, size: 5_000});
	const held = await records.findBlob(image, digest);
	t.truthy(held);
	t.deepEqual(held && (await readAll(store, held)), bytes);
	t.is(await metadata.uploads.find(upload.id), undefined);
	t.deepEqual([...backend.objects.keys()], [held?.key]);
	t.is(backend.uploads.size, 0);
});

test('an empty blob can be pushed', async t => {
	const {openProcess} = await openWorld(t);
	const upload = await openProcess().startUpload(owner);
	t.like(await upload.commit(digestOf(Buffer.alloc(0))), {size: 0});
});

test('an empty piece changes nothing', async t => {
	const {openProcess} = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const upload = await openProcess().startUpload(owner);
	await upload.append(Readable.from([]));
	await upload.append(Readable.from([bytes]));
	await upload.append(Readable.from([]));
	t.is(upload.offset, bytes.length);
	t.like(await upload.commit(digest), {digest});
});

test('a body of many megabytes is received whole, however slow the storage', async t => {
	const {openProcess, records} = await openWorld(t);
	const {bytes, digest} = blobFixture(8 << 20);
	const upload = await openProcess().startUpload(owner);
	const pieces = Array.from({length: 128}, (_, index) => bytes.subarray(index << 16, (index + 1) << 16));
	await upload.append(Readable.from(pieces, {objectMode: false}));
	await upload.commit(digest);
	t.is((await records.findBlob(image, digest))?.size, bytes.length);
});

test('another process goes on with an upload and needs not the memory of the first', async t => {
	const {openProcess, records} = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const started = await openProcess().startUpload(owner);
	await started.append(Readable.from([bytes.subarray(0, 1_000)]));
	const other = openProcess();
	const found = await other.findUpload(owner, started.id);
	t.is(found?.offset, 1_000);
	await found?.append(Readable.from([bytes.subarray(1_000)]));
	await (await openProcess().findUpload(owner, started.id))?.commit(digest);
	const held = await records.findBlob(image, digest);
	t.deepEqual(held && (await readAll(other, held)), bytes);
});

test('what its giver has checked is not hashed again, and what breaks off or follows something is', async t => {
	const {openProcess} = await openWorld(t);
	const {bytes, digest} = blobFixture(5_000);
	const {digest: checked} = blobFixture(7);
	const whole = await openProcess().startUpload(owner);
	await whole.append(Readable.from([bytes]), {checked});
	t.like(await whole.commit(checked), {digest: checked, size: 5_000});

	const broken = await openProcess().startUpload(owner);
	await t.throwsAsync(broken.append(bodyThatBreaks(bytes.subarray(0, 100)), {checked}), {message: 'aborted'});
	t.is(broken.offset, 100);
	await t.throwsAsync(broken.commit(checked), {code: 'DIGEST_INVALID'});

	const second = await openProcess().startUpload(owner);
	await second.append(Readable.from([bytes.subarray(0, 100)]));
	await second.append(Readable.from([bytes.subarray(100)]), {checked});
	t.like(await second.commit(digest), {digest, size: 5_000});
});

test('an upload is found by its owner only', async t => {
	const {openProcess} = await openWorld(t);
	const store = openProcess();
	const {id} = await store.startUpload(owner);
	t.is(await store.findUpload({...owner, startedBy: 'bob'}, id), undefined);
	t.is(await store.findUpload({...owner, image: parseImageName('other')}, id), undefined);
	t.is(await store.findUpload(owner, 'no-such-upload'), undefined);
	t.is((await store.findUpload(owner, id))?.id, id);
});

test('other bytes than the digest says are refused, and nothing of them is kept', async t => {
	const {backend, metadata, openProcess} = await openWorld(t);
	const upload = await openProcess().startUpload(owner);
	await upload.append(Readable.from([Buffer.from('something')]));
	const error = await t.throwsAsync(upload.commit(digestOf(Buffer.from('something else'))));
	t.like(error, {code: 'DIGEST_INVALID'});
	t.is(backend.objects.size + backend.uploads.size, 0);
	t.is(await metadata.uploads.find(upload.id), undefined);
	t.like(await t.throwsAsync(upload.append(Readable.from([Buffer.from('more')]))), {code: 'BLOB_UPLOAD_UNKNOWN'});
});

for (const [algorithm, asked] of [
	['sha512', 'sha512'],
	['sha256', 'sha512'],
	['sha512', 'sha256'],
] as const) {
	test(`an upload begun for ${algorithm} is verified by a ${asked} digest`, async t => {
		const {openProcess, records} = await openWorld(t);
		const {bytes, digest} = blobFixture(2_000, asked);
		const upload = await openProcess().startUpload(owner, {algorithm});
		await upload.append(Readable.from([bytes]));
		await upload.commit(digest);
		t.is((await records.findBlob(image, digest))?.size, 2_000);
		const wrong = await openProcess().startUpload(owner, {algorithm});
		await wrong.append(Readable.from([bytes.subarray(1)]));
		t.like(await t.throwsAsync(wrong.commit(digest)), {code: 'DIGEST_INVALID'});
	});
}

test('when the client breaks off, what came is kept and can be gone on from', async t => {
	const {openProcess} = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const store = openProcess();
	const upload = await store.startUpload(owner);
	t.like(await t.throwsAsync(upload.append(bodyThatBreaks(bytes.subarray(0, 1_200)))), {code: 'ECONNRESET'});
	t.is(upload.offset, 1_200);
	const again = await store.findUpload(owner, upload.id);
	t.is(again?.offset, 1_200);
	await again?.append(Readable.from([bytes.subarray(1_200)]));
	t.like(await again?.commit(digest), {size: bytes.length});
});

for (const [what, size] of [
	['more', 4_999],
	['fewer', 5_001],
] as const) {
	test(`a body of ${what} bytes than was said is not taken, and the upload goes on from where it was`, async t => {
		const {openProcess, records} = await openWorld(t);
		const {bytes, digest} = blobFixture(8_000);
		const upload = await openProcess().startUpload(owner);
		await upload.append(Readable.from([bytes.subarray(0, 3_000)]));
		const rest = () => Readable.from([bytes.subarray(3_000, 4_000), bytes.subarray(4_000)]);
		t.like(await t.throwsAsync(upload.append(rest(), {size})), {code: 'SIZE_INVALID', status: 400});
		t.is(upload.offset, 3_000);
		await upload.append(rest(), {size: 5_000});
		await upload.commit(digest);
		const held = await records.findBlob(image, digest);
		t.deepEqual(held && (await readAll(openProcess(), held)), bytes);
	});
}

test('what came of a body that breaks off is kept, though more of it was said', async t => {
	const {openProcess} = await openWorld(t);
	const upload = await openProcess().startUpload(owner);
	await t.throwsAsync(upload.append(bodyThatBreaks(Buffer.alloc(300)), {size: 1_000}), {code: 'ECONNRESET'});
	t.is(upload.offset, 300);
});

test('an aborted append rejects with the reason, keeps what came and leaves the body open', async t => {
	const {openProcess} = await openWorld(t);
	const upload = await openProcess().startUpload(owner);
	const stop = new AbortController();
	const body = new Readable({read() {}});
	body.push(Buffer.alloc(700));
	const appending = upload.append(body, {signal: stop.signal});
	await untilTaken(body);
	const reason = new Error('the server stops');
	stop.abort(reason);
	t.is(await t.throwsAsync(appending), reason);
	t.is(upload.offset, 700);
	t.false(body.destroyed);
	body.destroy();
});

test('an upload cancelled while it is received leaves nothing behind', async t => {
	const {backend, metadata, openProcess} = await openWorld(t);
	const store = openProcess();
	const upload = await store.startUpload(owner);
	const body = new Readable({read() {}});
	body.push(Buffer.alloc(1));
	const appending = upload.append(body);
	await untilTaken(body);
	await (await openProcess().findUpload(owner, upload.id))?.cancel();
	body.push(Buffer.alloc(100));
	body.push(null);
	await t.throwsAsync(appending);
	t.is(await metadata.uploads.find(upload.id), undefined);
	t.is(backend.objects.size + backend.uploads.size, 0);
});

test('fifty uploads of one blob at a time end with one blob', async t => {
	const {backend, openProcess, records} = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const push = async (index: number) => {
		const upload = await openProcess().startUpload({image: parseImageName(`image-${index % 5}`), startedBy: 'ann'});
		await upload.append(Readable.from([bytes]));
		return upload.commit(digest);
	};
	const blobs = await Promise.all(Array.from({length: 50}, (_, index) => push(index)));
	t.true(blobs.every(blob => blob.digest === digest && blob.size === bytes.length));
	t.is(backend.objects.size, 1);
	t.is((await records.findHolders(digest, 100)).length, 5);
});

test('who has too many uploads open is told to wait', async t => {
	const {openProcess} = await openWorld(t);
	const store = openProcess();
	const first = await store.startUpload(owner, {openAtMost: 2});
	await store.startUpload(owner, {openAtMost: 2});
	t.like(await t.throwsAsync(store.startUpload(owner, {openAtMost: 2})), {code: 'TOOMANYREQUESTS', status: 429});
	await store.startUpload({...owner, startedBy: 'bob'}, {openAtMost: 2});
	await first.cancel();
	await t.notThrowsAsync(store.startUpload(owner, {openAtMost: 2}));
});

/** Resolves when somebody has taken what was put into the body, and has had time to do something with it. */
async function untilTaken(body: Readable): Promise<void> {
	while (body.readableLength > 0) {
		await sleep(5);
	}
	await sleep(20);
}
