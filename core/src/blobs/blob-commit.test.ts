import {Readable} from 'node:stream';
import {blobFixture, createTestHost, silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import {parseImageName} from '../oci/image-name.ts';
import type {StorageDriver} from '../storage/driver.ts';
import {createMemoryBackend, createMemoryDriver} from '../storage/memory-driver.ts';
import {Storage} from '../storage/storage.ts';
import {expireIdleUploads} from './expire-idle-uploads.ts';
import {LiveHashes} from './live-hashes.ts';
import {StorageBlobStore} from './storage-blob-store.ts';
import {sweepUnknownObjects} from './sweep-unknown-objects.ts';

const owner = {image: parseImageName('library/alpine'), startedBy: 'ann'};

/** Kills a process at a call: from then on nothing that it tries has any effect. */
class Death {
	readonly #at: string;
	#dead = false;

	constructor(at: string) {
		this.#at = at;
	}

	async around<Result>(call: string, work: () => Promise<Result>): Promise<Result> {
		this.#strike(`before ${call}`);
		const result = await work();
		this.#strike(`after ${call}`);
		return result;
	}

	#strike(point: string): void {
		this.#dead ||= point === this.#at;
		if (this.#dead) {
			throw new Error(`the process died ${this.#at}`);
		}
	}

	/** `target`, whose calls are struck; those named in `parts` are objects of calls of their own. */
	wrap<Target extends object>(target: Target, parts: readonly string[] = []): Target {
		return new Proxy(target, {
			get: (_, name) => {
				const member: unknown = Reflect.get(target, name, target);
				if (parts.includes(String(name))) {
					return this.wrap(member as object);
				}
				return typeof member === 'function' && name !== 'classify' && name !== 'repository'
					? (...args: unknown[]) => this.around(String(name), () => member.apply(target, args) as Promise<unknown>)
					: typeof member === 'function'
						? member.bind(target)
						: member;
			},
		});
	}
}

async function openWorld(t: ExecutionContext) {
	const backend = createMemoryBackend();
	const host = await createTestHost({openDriver: async () => createMemoryDriver(backend)});
	t.teardown(() => host.close());
	const repositoryId = (await host.metadata.definitions.find('local'))?.id ?? 0;
	const open = (driver: StorageDriver, metadata: MetadataStore) => {
		const storage = new Storage('default', driver);
		const storages = new Map([['default', storage]]);
		const hashes = new LiveHashes();
		return new StorageBlobStore({storage, storages, metadata, repositoryId, hashes, logger: silentLogger});
	};
	return {
		...host,
		backend,
		records: host.metadata.repository(repositoryId),
		open,
		openProcess: () => open(createMemoryDriver(backend), host.metadata),
		openDoomed: (at: string) => {
			const death = new Death(at);
			return open(death.wrap(createMemoryDriver(backend)), death.wrap(host.metadata, ['uploads', 'blobs']));
		},
	};
}

type World = Awaited<ReturnType<typeof openWorld>>;

/** As if the time of what a dead process has claimed had passed. */
async function expireClaim({metadata}: World, id: string): Promise<void> {
	const record = await metadata.uploads.find(id);
	if (record?.claimedUntil !== undefined) {
		await metadata.uploads.save({...record, claimedUntil: new Date(0)});
	}
}

async function sweep({metadata, storage, storages}: World) {
	await expireIdleUploads({metadata, storages, logger: silentLogger, idleMs: -60_000});
	return sweepUnknownObjects({metadata, storage, gracePeriodMs: -60_000, pauseMs: 0});
}

async function readBlob({records, openProcess}: World, digest: Parameters<World['records']['findBlob']>[1]) {
	const held = await records.findBlob(owner.image, digest);
	const content = held && (await openProcess().open(held));
	return content?.kind === 'bytes' ? Buffer.concat(await content.body.toArray()) : undefined;
}

const beforeTheEnd = [
	'before sealUpload',
	'after sealUpload',
	'before move',
	'after move',
	'before transaction',
] as const;

for (const at of beforeTheEnd) {
	test(`a commit whose process died ${at} can be repeated by another`, async t => {
		const world = await openWorld(t);
		const {bytes, digest} = blobFixture();
		const {id} = await world.openProcess().startUpload(owner);
		await (await world.openProcess().findUpload(owner, id))?.append(Readable.from([bytes]));
		const upload = await world.openDoomed(at).findUpload(owner, id);
		await t.throwsAsync(upload?.commit(digest) ?? Promise.resolve(), {message: /died/});
		t.is(await readBlob(world, digest), undefined);
		await expireClaim(world, id);
		t.like(await (await world.openProcess().findUpload(owner, id))?.commit(digest), {digest, size: bytes.length});
		t.deepEqual(await readBlob(world, digest), bytes);
		await sweep(world);
		t.deepEqual(await readBlob(world, digest), bytes);
		t.is(world.backend.objects.size + world.backend.uploads.size, 1);
	});

	test(`what a commit whose process died ${at} left is collected when nobody repeats it`, async t => {
		const world = await openWorld(t);
		const {bytes, digest} = blobFixture();
		const {id} = await world.openProcess().startUpload(owner);
		const upload = await world
			.openDoomed(at)
			.findUpload(owner, id)
			.catch(() => undefined);
		await upload?.append(Readable.from([bytes])).catch(() => undefined);
		await upload?.commit(digest).catch(() => undefined);
		await sweep(world);
		t.is(world.backend.objects.size + world.backend.uploads.size, 0);
		t.is(await world.metadata.uploads.find(id), undefined);
	});
}

test('a commit whose process died after its transaction was whole', async t => {
	const world = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const upload = await world.openDoomed('after transaction').startUpload(owner);
	await upload.append(Readable.from([bytes]));
	await t.throwsAsync(upload.commit(digest), {message: /died/});
	t.deepEqual(await readBlob(world, digest), bytes);
	await sweep(world);
	t.deepEqual(await readBlob(world, digest), bytes);
});

test('what a push of a known blob leaves when its process dies is swept', async t => {
	const world = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const push = async (store: StorageBlobStore) => {
		const upload = await store.startUpload(owner);
		await upload.append(Readable.from([bytes]));
		return upload.commit(digest);
	};
	await push(world.openProcess());
	await push(world.openDoomed('before abortUpload'));
	t.is(world.backend.objects.size, 2);
	t.like(await sweep(world), {deleted: 1});
	t.deepEqual(await readBlob(world, digest), bytes);
});

for (const at of ['before createUpload', 'after createUpload', 'after insert']) {
	test(`an upload whose process died ${at} leaves nothing for ever`, async t => {
		const world = await openWorld(t);
		await t.throwsAsync(world.openDoomed(at).startUpload(owner), {message: /died/});
		await sweep(world);
		t.is(world.backend.objects.size + world.backend.uploads.size, 0);
		t.is(await world.metadata.uploads.countStartedBy('ann'), 0);
	});
}

test('an append whose process died is made again from the offset that was acknowledged', async t => {
	const world = await openWorld(t);
	const {bytes, digest} = blobFixture();
	const {id} = await world.openProcess().startUpload(owner);
	await (await world.openProcess().findUpload(owner, id))?.append(Readable.from([bytes.subarray(0, 1_000)]));
	const doomed = await world.openDoomed('after appendUpload').findUpload(owner, id);
	await t.throwsAsync(doomed?.append(Readable.from([Buffer.from('lost')])) ?? Promise.resolve(), {message: /died/});
	await expireClaim(world, id);
	const again = await world.openProcess().findUpload(owner, id);
	t.is(again?.offset, 1_000);
	await again?.append(Readable.from([bytes.subarray(1_000)]));
	await again?.commit(digest);
	t.deepEqual(await readBlob(world, digest), bytes);
});

test('a commit that fails deletes nothing of an upload that another process has taken meanwhile', async t => {
	const world = await openWorld(t);
	const {metadata, backend} = world;
	const {bytes, digest} = blobFixture();
	const {id} = await world.openProcess().startUpload(owner);
	await (await world.openProcess().findUpload(owner, id))?.append(Readable.from([bytes]));
	const late = createMemoryDriver(backend);
	const sealUpload = late.sealUpload.bind(late);
	late.sealUpload = async (...parameters) => {
		await sealUpload(...parameters);
		await expireClaim(world, id);
		await metadata.uploads.save({...(await metadata.uploads.find(id))!, claimedUntil: new Date(Date.now() + 60_000)});
	};
	const upload = await world.open(late, metadata).findUpload(owner, id);
	const other = blobFixture().digest;
	await t.throwsAsync(upload?.commit(other) ?? Promise.resolve(), {code: 'UNAVAILABLE'});
	t.is(backend.objects.size, 1);
	await expireClaim(world, id);
	t.like(await (await world.openProcess().findUpload(owner, id))?.commit(digest), {digest, size: bytes.length});
});
