import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {openMetadata} from '@stowage/core/metadata';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {blobFixture, contentOf, createTestHost, imageFixture, silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {parseImageName} from '../oci/image-name.ts';
import {RegistryError} from '../oci/registry-error.ts';
import {parseTagName} from '../oci/tag-name.ts';
import {createMemoryBackend, createMemoryDriver} from '../storage/memory-driver.ts';
import {collectUnheldBlobs} from './collect-unheld-blobs.ts';
import {collectionJob, runCollection} from './run-collection.ts';
import {expireIdleUploads} from './expire-idle-uploads.ts';
import {surveyCollectableBlobs} from './survey-collectable-blobs.ts';
import {sweepUnknownObjects} from './sweep-unknown-objects.ts';

const image = parseImageName('library/alpine');
/** Everything is older than that. */
const noTime = -60_000;
const aDay = 86_400_000;

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const {options, cleanup} = await database.open();
	const metadata = await openMetadata(options);
	const backend = createMemoryBackend();
	const host = await createTestHost({metadata, openDriver: async () => createMemoryDriver(backend)});
	t.teardown(async () => {
		await host.close();
		await metadata.close();
		await cleanup();
	});
	const writer = host.repository.writer!;
	const as = {caller: host.caller};
	const {storage, storages} = host;
	const common = {metadata, storages, logger: silentLogger};
	return {
		...host,
		backend,
		writer,
		as,
		push: async ({bytes, digest}: Content, name = image) => {
			const upload = await writer.startUpload(name, as);
			await upload.append(Readable.from([bytes]));
			return upload.commit(digest);
		},
		collect: (gracePeriodMs: number, batch?: number) => collectUnheldBlobs({...common, gracePeriodMs, batch}),
		survey: (gracePeriodMs: number) => surveyCollectableBlobs({metadata, gracePeriodMs, batch: 3}),
		expire: (idleMs: number, batch?: number) => expireIdleUploads({...common, idleMs, batch}),
		sweep: (gracePeriodMs: number) => sweepUnknownObjects({metadata, storage, gracePeriodMs, pauseMs: 0, batch: 3}),
	};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('fifty uploads of one blob at a time end with one row and one object'), async t => {
		const {push, backend, metadata} = await openWorld(t, database);
		const blob = blobFixture();
		const names = Array.from({length: 50}, (_, index) => parseImageName(`image-${index % 7}`));
		const pushed = await Promise.all(names.map(name => push(blob, name)));
		t.true(pushed.every(({digest, size}) => digest === blob.digest && size === blob.bytes.length));
		const row = await metadata.blobs.find('default', blob.digest);
		t.deepEqual([...backend.objects.keys()], [row?.key]);
		t.is(backend.uploads.size, 0);
		t.is(await metadata.uploads.countStartedBy('tester'), 0);
	});

	test(on('what no image needs is collected after the grace period, what one needs is not'), async t => {
		const {push, collect, survey, backend, writer, as, repository} = await openWorld(t, database);
		const fixture = imageFixture();
		for (const blob of fixture.blobs) {
			await push(blob);
		}
		await writer.putManifest(image, {...fixture.manifest, tags: []}, as);
		await push(blobFixture());
		t.deepEqual(await collect(aDay), {examined: 0, holds: 0, blobs: 0, bytes: 0, left: 0});
		t.deepEqual(await survey(aDay), [{storage: 'default', blobs: 0, bytes: 0}]);
		t.is(backend.objects.size, 4);
		t.deepEqual(await survey(noTime), [{storage: 'default', blobs: 1, bytes: 3_000}]);
		t.deepEqual(await collect(noTime, 1), {examined: 4, holds: 1, blobs: 1, bytes: 3_000, left: 0});
		t.is(backend.objects.size, 3);
		for (const {digest} of fixture.blobs) {
			t.truthy(await repository.findBlob(image, digest, as));
		}
		await writer.deleteManifest(image, fixture.manifest.digest, as);
		t.like(await collect(noTime), {blobs: 3});
		t.is(backend.objects.size, 0);
	});

	test(on('progress is told, a limit of blobs a second is kept, and what stays behind is counted'), async t => {
		const {push, backend, metadata, storage} = await openWorld(t, database);
		for (let count = 0; count < 6; count++) {
			await push(blobFixture(100));
		}
		const told: number[] = [];
		const broken = [...backend.objects.keys()][0];
		const flaky = new Proxy(storage, {
			get: (target, name) =>
				name === 'delete'
					? async (key: string) => (key === broken ? Promise.reject(new Error('no')) : target.delete(key))
					: (Reflect.get(target, name) as unknown),
		});
		const begin = performance.now();
		const collected = await collectUnheldBlobs({
			metadata,
			storages: new Map([['default', flaky]]),
			logger: silentLogger,
			gracePeriodMs: noTime,
			batch: 2,
			blobsPerSecond: 20,
			onProgress: ({blobs}) => void told.push(blobs),
		});
		t.true(performance.now() - begin >= 250);
		t.like(collected, {blobs: 6, bytes: 600, left: 1});
		t.deepEqual([...new Set(told)], [0, 2, 4, 6]);
		t.is(backend.objects.size, 1);
	});

	test(on('uploads are cancelled when they have stood still, and no others'), async t => {
		const {expire, backend, writer, as} = await openWorld(t, database);
		for (let count = 0; count < 5; count++) {
			const upload = await writer.startUpload(image, as);
			await upload.append(Readable.from([Buffer.from('some')]));
		}
		t.is(await expire(60_000), 0);
		t.is(backend.uploads.size, 5);
		await sleep(1_000);
		const young = await writer.startUpload(image, as);
		t.is(await expire(1_000, 2), 5);
		t.is(backend.uploads.size, 1);
		t.truthy(await writer.findUpload(image, young.id, as));
	});

	test(on('objects that no row knows are swept, young ones and known ones are not'), async t => {
		const {sweep, push, backend, writer, as} = await openWorld(t, database);
		const blob = blobFixture();
		await push(blob);
		const open = await writer.startUpload(image, as);
		await open.append(Readable.from([Buffer.from('open')]));
		const known = backend.objects.size;
		const bytes = Buffer.from('left behind');
		const modifiedAt = new Date();
		for (let count = 0; count < 10; count++) {
			backend.objects.set(`uploads/${count}`, {bytes, modifiedAt});
			backend.objects.set(`blobs/sha256/00/${'0'.repeat(64)}/${count}`, {bytes, modifiedAt});
		}
		backend.objects.set('other/thing', {bytes, modifiedAt});
		t.like(await sweep(60_000), {deleted: 0});
		t.like(await sweep(noTime), {deleted: 20});
		t.is(backend.objects.size, known + 1);
		t.truthy(await writer.findUpload(image, open.id, as));
	});

	test(on('an aborted sweep and an aborted collection stop'), async t => {
		const {metadata, storage, storages} = await openWorld(t, database);
		const signal = AbortSignal.abort(new Error('enough'));
		const parts = {metadata, storages, logger: silentLogger, gracePeriodMs: noTime};
		await t.throwsAsync(collectUnheldBlobs(parts, {signal}), {message: 'enough'});
		await t.throwsAsync(sweepUnknownObjects({metadata, storage, gracePeriodMs: noTime}, {signal}), {message: 'enough'});
	});

	test(on('a collection goes on where the one before was interrupted'), async t => {
		const {metadata, storages, push} = await openWorld(t, database);
		for (let count = 0; count < 10; count++) {
			await push(blobFixture());
		}
		await metadata.jobs.claim({name: collectionJob, owner: 'test', leaseMs: 60_000, intervalMs: 0});
		const common = {metadata, storages, logger: silentLogger, gracePeriodMs: noTime, batch: 2, reportEveryMs: 0};
		const abort = new AbortController();
		const onProgress = ({examined}: {readonly examined: number}) => {
			if (examined === 6) {
				abort.abort(new Error('enough'));
			}
		};
		await t.throwsAsync(runCollection({...common, onProgress}, {signal: abort.signal}));
		const interrupted = (await metadata.jobs.find(collectionJob)).report as Record<string, number>;
		t.like(interrupted, {examined: 6, holds: 6, blobs: 0});
		t.true((interrupted['position'] ?? 0) > 0);
		t.like(await runCollection(common), {examined: 4, holds: 4, blobs: 10});
		const ended = (await metadata.jobs.find(collectionJob)).report as Record<string, number>;
		t.like(ended, {examined: 10, holds: 10, blobs: 10});
		t.false('position' in ended);
		t.like(await runCollection(common), {examined: 0, blobs: 0});
	});

	test(on('collection and sweeps race with pushes and deletions, and every manifest has its blobs'), async t => {
		const world = await openWorld(t, database);
		const {repository, writer, as} = world;
		const layers = Array.from({length: 4}, () => blobFixture(500));
		const stop = new AbortController();
		const janitor = async () => {
			while (!stop.signal.aborted) {
				await world.collect(noTime, 2);
				await world.sweep(noTime);
				await sleep(1);
			}
		};
		const pusher = async (name: string, rounds: number) => {
			const own = parseImageName(name);
			for (let round = 0; round < rounds; round++) {
				const fixture = imageFixture({layers: 0});
				const layer = layers[round % layers.length]!;
				const document = {...(JSON.parse(fixture.manifest.bytes.toString()) as object), layers: [layer.descriptor]};
				const manifest = contentOf(Buffer.from(JSON.stringify(document)), fixture.manifest.mediaType);
				const stored = await pushUntilStored(world, own, [fixture.config, layer], manifest);
				t.true(stored);
				for (const blob of [fixture.config, layer]) {
					const content = await repository.openBlob(own, blob.digest, as);
					const bytes = content?.kind === 'bytes' ? Buffer.concat(await content.body.toArray()) : undefined;
					t.deepEqual(bytes, blob.bytes);
				}
				await writer.deleteManifest(own, manifest.digest, as);
			}
		};
		const cleaning = janitor();
		await Promise.all(['a', 'b', 'c'].map(name => pusher(name, 15)));
		stop.abort();
		await cleaning;
		await world.collect(noTime);
		await world.sweep(noTime);
		t.is(world.backend.objects.size, 0);
	});
}

type World = Awaited<ReturnType<typeof openWorld>>;
type Content = ReturnType<typeof blobFixture>;

/** Without a grace period a blob may be collected before the manifest that needs it arrives; a client pushes it again. */
async function pushUntilStored(world: World, name: typeof image, blobs: readonly Content[], manifest: Content) {
	for (let tries = 0; tries < 200; tries++) {
		for (const blob of blobs) {
			await world.push(blob, name);
		}
		try {
			const {bytes, mediaType, digest} = manifest;
			await world.writer.putManifest(name, {bytes, mediaType, digest, tags: [parseTagName('latest')]}, world.as);
			return true;
		} catch (error) {
			if (!(error instanceof RegistryError && error.code === 'MANIFEST_BLOB_UNKNOWN')) {
				throw error;
			}
		}
	}
	return false;
}
