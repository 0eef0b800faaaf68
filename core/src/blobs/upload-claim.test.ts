import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {blobFixture, createTestHost, silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {createMemoryBackend, createMemoryDriver} from '../storage/memory-driver.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {UploadRecords} from '../metadata/upload-records.ts';
import {parseImageName} from '../oci/image-name.ts';
import type {RegistryError} from '../oci/registry-error.ts';
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

async function readAll(store: StorageBlobStore, blob: Parameters<StorageBlobStore['open']>[0]): Promise<Buffer> {
	const content = await store.open(blob);
	return content.kind === 'bytes' ? Buffer.concat(await content.body.toArray()) : Buffer.alloc(0);
}

test('a second append is refused while one is under way, in this process and in another', async t => {
	const {openProcess} = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const store = openProcess();
	const upload = await store.startUpload(owner);
	const slow = new Readable({read() {}});
	const appending = upload.append(slow);
	await sleep(10);
	for (const process of [store, openProcess()]) {
		const other = await process.findUpload(owner, upload.id);
		for (const call of [() => other?.append(Readable.from([bytes])), () => other?.commit(digest)]) {
			const error = await t.throwsAsync<RegistryError>(async () => call());
			t.like(error, {code: 'UNAVAILABLE', status: 503});
			const seconds = Number(error?.headers['Retry-After']);
			t.true(seconds >= 1 && seconds <= 10, `${seconds}`);
		}
	}
	slow.push(bytes);
	slow.push(null);
	await appending;
	t.like(await upload.commit(digest), {size: bytes.length});
});

test('of two appends that begin from the same offset, one is let through and the blob is its', async t => {
	const {openProcess, records} = await openWorld(t);
	const store = openProcess();
	const {id} = await store.startUpload(owner);
	const bodies = [blobFixture(), blobFixture()];
	const uploads = await Promise.all(bodies.map(() => openProcess().findUpload(owner, id)));
	const results = await Promise.allSettled(
		bodies.map(({bytes}, index) => uploads[index]?.append(Readable.from([bytes])) ?? Promise.resolve()),
	);
	t.deepEqual(results.map(({status}) => status).toSorted(), ['fulfilled', 'rejected']);
	const winner = bodies[results.findIndex(({status}) => status === 'fulfilled')];
	await (await store.findUpload(owner, id))?.commit(winner?.digest ?? bodies[0]!.digest);
	const held = winner && (await records.findBlob(image, winner.digest));
	t.deepEqual(held && (await readAll(store, held)), winner?.bytes);
});

test('a process that was stopped until its claim ran out goes on if nobody else had the upload meanwhile', async t => {
	const {metadata, storage, storages, repositoryId} = await openWorld(t);
	const parts = {storage, storages, metadata, repositoryId, hashes: new LiveHashes(), logger: silentLogger};
	const {bytes, digest} = blobFixture();
	const upload = await new StorageBlobStore({...parts, claimMs: 100}).startUpload(owner);
	const body = new Readable({read() {}});
	const appending = upload.append(body);
	await sleep(20);
	// What keeps the event loop busy keeps the renewals away too.
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
	body.push(bytes);
	body.push(null);
	await appending;
	t.like(await upload.commit(digest), {digest});
});

test('a process that was cut off until another had taken the upload writes nothing more', async t => {
	const {openProcess, metadata, storage, storages, repositoryId, records} = await openWorld(t);
	let cutOff = false;
	const uploads: UploadRecords = {
		insert: upload => metadata.uploads.insert(upload),
		find: id => metadata.uploads.find(id),
		save: async upload => {
			if (cutOff) {
				throw new Error('the database cannot be reached');
			}
			return metadata.uploads.save(upload);
		},
		delete: id => metadata.uploads.delete(id),
		findIdle: (before, limit) => metadata.uploads.findIdle(before, limit),
		countStartedBy: name => metadata.uploads.countStartedBy(name),
		findKeys: (name, keys) => metadata.uploads.findKeys(name, keys),
	};
	const cut: MetadataStore = Object.create(metadata, {uploads: {value: uploads}}) as MetadataStore;
	const parts = {storage, storages, metadata: cut, repositoryId, hashes: new LiveHashes(), logger: silentLogger};
	const {bytes, digest} = blobFixture();
	const upload = await new StorageBlobStore({...parts, claimMs: 200}).startUpload(owner);
	const body = new Readable({read() {}});
	const appending = t.throwsAsync(upload.append(body));
	await sleep(20);
	cutOff = true;
	await sleep(300);
	await (await openProcess().findUpload(owner, upload.id))?.append(Readable.from([bytes]));
	cutOff = false;
	body.push(Buffer.from('written too late'));
	body.push(null);
	t.like(await appending, {code: 'UNAVAILABLE'});
	await (await openProcess().findUpload(owner, upload.id))?.commit(digest);
	const held = await records.findBlob(image, digest);
	t.deepEqual(held && (await readAll(openProcess(), held)), bytes);
});

test('an append whose upload was taken over meanwhile is not acknowledged', async t => {
	const {openProcess, metadata} = await openWorld(t);
	const upload = await openProcess().startUpload(owner);
	const body = new Readable({read() {}});
	const appending = t.throwsAsync(upload.append(body));
	await sleep(20);
	const record = await metadata.uploads.find(upload.id);
	t.truthy(record?.claimedUntil);
	if (record) {
		await metadata.uploads.save({...record, claimedUntil: new Date(Date.now() + 60_000)});
	}
	body.push(Buffer.alloc(100));
	body.push(null);
	t.like(await appending, {code: 'UNAVAILABLE'});
	t.is((await metadata.uploads.find(upload.id))?.state.offset, 0);
});

test('a long append renews its claim', async t => {
	const {metadata, storage, storages, repositoryId} = await openWorld(t);
	const parts = {storage, storages, metadata, repositoryId, hashes: new LiveHashes(), logger: silentLogger};
	const upload = await new StorageBlobStore({...parts, claimMs: 150}).startUpload(owner);
	const body = new Readable({read() {}});
	const appending = upload.append(body);
	for (let piece = 0; piece < 6; piece++) {
		body.push(Buffer.alloc(10));
		await sleep(80);
	}
	body.push(null);
	await appending;
	t.is(upload.offset, 60);
	t.is((await metadata.uploads.find(upload.id))?.claimedUntil, undefined);
});
