import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {openMetadata} from '@stowage/core/metadata';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {blobFixture, createTestHost, silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {type ImageName, parseImageName} from '../oci/image-name.ts';
import {createMemoryBackend} from '../storage/memory-driver.ts';
import {createFaultyMemoryDriver} from './fixtures/faulty-memory-driver.ts';
import {type MoveBlobsParts, moveBlobs} from './move-blobs.ts';
import type {ObjectFault} from './object-fault.ts';
import {reindexBlobs} from './reindex-blobs.ts';
import {sweepUnknownObjects} from './sweep-unknown-objects.ts';
import {type BlobFault, verifyBlobs} from './verify-blobs.ts';

const image = parseImageName('library/alpine');
type Content = ReturnType<typeof blobFixture>;

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const {options, cleanup} = await database.open();
	const metadata = await openMetadata(options);
	const backends = {near: createMemoryBackend(), far: createMemoryBackend()};
	const faults = {unreadable: new Set<string>(), down: false};
	const host = await createTestHost({
		metadata,
		storages: ['near', 'far'],
		repositories: {first: {storage: 'near'}, second: {storage: 'far'}},
		openDriver: async name => createFaultyMemoryDriver(backends[name as 'near' | 'far'], faults),
	});
	t.teardown(async () => {
		await host.close();
		await metadata.close();
		await cleanup();
	});
	const as = {caller: host.caller};
	const [from, to] = [host.storages.get('near')!, host.storages.get('far')!];
	const second = (await host.repositories.get('second'))!;
	const push = async ({bytes, digest}: Content, {name = image, repository = host.repository} = {}) => {
		const upload = await repository.writer!.startUpload(name, as);
		await upload.append(Readable.from([bytes]));
		await upload.commit(digest);
	};
	return {
		...host,
		backends,
		faults,
		keyOf: async ({digest}: Content, storage: string) => (await metadata.blobs.find(storage, digest))!.key,
		second,
		as,
		push,
		pull: async ({digest}: Content, {name = image, repository = host.repository} = {}) => {
			const content = await repository.openBlob(name, digest, as);
			return content?.kind === 'bytes' ? Buffer.concat(await content.body.toArray()) : undefined;
		},
		move: (more: Partial<MoveBlobsParts> = {}, signal?: AbortSignal) =>
			moveBlobs({metadata, from, to, logger: silentLogger, lingerMs: 0, ...more}, {signal}),
		verify: async (storage = from) => {
			const faults: BlobFault[] = [];
			const parts = {metadata, storage, gracePeriodMs: -60_000, onFault: (fault: BlobFault) => faults.push(fault)};
			return {...(await verifyBlobs(parts)), list: faults};
		},
		from,
		to,
	};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('all blobs of a storage are moved, and read from where they are then'), async t => {
		const world = await openWorld(t, database);
		const blobs = Array.from({length: 30}, (_, index) => blobFixture(index * 100));
		for (const blob of blobs) {
			await world.push(blob);
		}
		const bytes = blobs.reduce((sum, blob) => sum + blob.bytes.length, 0);
		t.deepEqual(await world.metadata.blobs.totals('near'), {blobs: 30, bytes});
		t.like(await world.move({dryRun: true}), {blobs: 30, bytes, known: 0});
		t.is(world.backends.near.objects.size, 30);
		const seen: number[] = [];
		const moved = await world.move({onProgress: progress => seen.push(progress.blobs)});
		t.deepEqual(moved, {blobs: 30, bytes, known: 0, repaired: 0, broken: 0, left: 0});
		t.deepEqual(seen.at(-1), 30);
		t.is(world.backends.near.objects.size, 0);
		t.is(world.backends.far.objects.size, 30);
		for (const blob of blobs) {
			t.deepEqual(await world.pull(blob), blob.bytes);
		}
		t.deepEqual(await world.metadata.blobs.totals('near'), {blobs: 0, bytes: 0});
		t.like(await world.verify(world.to), {blobs: 30, faults: 0});
	});

	test(on('a blob that both storages have is one afterwards, for all who hold it'), async t => {
		const world = await openWorld(t, database);
		const [shared, own] = [blobFixture(), blobFixture()];
		const names = ['a', 'b', 'c'].map(name => parseImageName(name));
		for (const name of names) {
			await world.push(shared, {name});
		}
		await world.push(shared, {repository: world.second});
		await world.push(own);
		t.like(await world.move(), {blobs: 2, known: 1});
		t.is(world.backends.far.objects.size, 2);
		for (const name of names) {
			t.deepEqual(await world.pull(shared, {name}), shared.bytes);
		}
		t.deepEqual(await world.pull(shared, {repository: world.second}), shared.bytes);
		t.deepEqual(await world.pull(own), own.bytes);
	});

	test(on('what is broken stays and is told, and all else is moved'), async t => {
		const world = await openWorld(t, database);
		const [good, wrong, missing] = [blobFixture(), blobFixture(), blobFixture()];
		const [closed, ending] = [blobFixture(100), blobFixture(5000)];
		for (const blob of [good, wrong, missing, closed, ending]) {
			await world.push(blob);
		}
		const {objects} = world.backends.near;
		objects.set(await world.keyOf(wrong, 'near'), {bytes: Buffer.from('other'), modifiedAt: new Date()});
		objects.delete(await world.keyOf(missing, 'near'));
		world.faults.unreadable.add(await world.keyOf(closed, 'near')).add(await world.keyOf(ending, 'near'));
		const faults: ObjectFault[] = [];
		t.like(await world.move({onFault: fault => faults.push(fault)}), {blobs: 1, broken: 4});
		const expected = [
			`missing ${missing.digest}`,
			`unreadable ${closed.digest}`,
			`unreadable ${ending.digest}`,
			`wrong ${wrong.digest}`,
		];
		t.deepEqual(faults.map(({kind, blob}) => `${kind} ${blob.digest}`).toSorted(), expected.toSorted());
		t.is(world.backends.far.objects.size, 1);
		t.is(world.backends.far.uploads.size, 0);
		const kinds = async () => (await world.verify()).list.map(({kind}) => kind).toSorted();
		t.deepEqual(await kinds(), ['missing', 'unreadable', 'unreadable', 'wrong']);
		objects.set('uploads/left', {bytes: Buffer.from('left'), modifiedAt: new Date()});
		t.deepEqual(await kinds(), ['missing', 'unreadable', 'unreadable', 'unreferenced', 'wrong']);
		world.faults.down = true;
		await t.throwsAsync(world.move(), {name: 'StorageError'}, 'nothing can be said of a storage that does not serve');
		await t.throwsAsync(world.verify(), {name: 'StorageError'});
	});

	test(on('what the other storage has already is copied anew where it is not as it should be'), async t => {
		const world = await openWorld(t, database);
		const blobs = [blobFixture(100), blobFixture(100), blobFixture(100), blobFixture(100), blobFixture(100)] as const;
		for (const blob of blobs) {
			await world.push(blob);
			await world.push(blob, {repository: world.second});
		}
		const {objects} = world.backends.far;
		const keys = await Promise.all(blobs.map(blob => world.keyOf(blob, 'far')));
		objects.set(keys[0]!, {bytes: Buffer.alloc(100, 'x'), modifiedAt: new Date()});
		objects.delete(keys[1]!);
		world.faults.unreadable.add(keys[2]!);
		objects.set(keys[3]!, {bytes: Buffer.alloc(100), modifiedAt: new Date()});
		world.backends.near.objects.delete(await world.keyOf(blobs[3], 'near'));
		t.like(await world.move(), {blobs: 4, known: 1, repaired: 3, broken: 1, left: 0});
		for (const blob of [...blobs.slice(0, 3), blobs[4]]) {
			t.deepEqual(await world.pull(blob), blob.bytes);
			t.deepEqual(await world.pull(blob, {repository: world.second}), blob.bytes);
		}
		t.deepEqual(
			[...objects.keys()].filter(key => keys.slice(0, 3).includes(key)),
			[],
		);
		t.deepEqual(
			(await world.verify(world.to)).list.map(({kind}) => kind),
			['wrong'],
		);
	});

	test(on('a move that ends in the middle loses nothing, and the next one goes on'), async t => {
		const world = await openWorld(t, database);
		const blobs = Array.from({length: 40}, () => blobFixture(500));
		for (const blob of blobs) {
			await world.push(blob);
		}
		for (const after of [3, 11]) {
			const stop = new AbortController();
			let seen = 0;
			const onProgress = () => {
				seen += 1;
				if (seen === after) {
					stop.abort(new Error('killed'));
				}
			};
			await t.throwsAsync(world.move({onProgress, lingerMs: 60_000}, stop.signal), {message: 'killed'});
			for (const blob of blobs) {
				t.deepEqual(await world.pull(blob), blob.bytes);
			}
		}
		const rest = await world.move();
		t.true(rest.blobs > 0 && rest.blobs <= 26, String(rest.blobs));
		t.is((await world.metadata.blobs.totals('far')).blobs, 40);
		t.is(world.backends.far.uploads.size, 0);
		const sweep = {metadata: world.metadata, gracePeriodMs: -60_000, pauseMs: 0};
		await sweepUnknownObjects({...sweep, storage: world.from});
		await sweepUnknownObjects({...sweep, storage: world.to});
		t.is(world.backends.near.objects.size, 0);
		t.is(world.backends.far.objects.size, 40);
	});

	test(on('pushes and pulls go on during a move, and every answer stays true'), async t => {
		const world = await openWorld(t, database);
		const known: {blob: Content; name: ImageName}[] = [];
		const add = async (name: ImageName) => {
			const blob = blobFixture(300);
			await world.push(blob, {name});
			known.push({blob, name});
		};
		const again = async (name: ImageName) => {
			const {blob} = known[Math.floor(Math.random() * known.length)]!;
			await world.push(blob, {name});
			known.push({blob, name});
		};
		const names = ['x', 'y', 'z'].map(name => parseImageName(name));
		for (let count = 0; count < 20; count++) {
			await add(names[count % 3]!);
		}
		const stop = new AbortController();
		const pusher = async (name: ImageName) => {
			while (!stop.signal.aborted) {
				await add(name);
				await again(name);
				await sleep(1);
			}
		};
		let pulls = 0;
		const puller = async () => {
			while (!stop.signal.aborted) {
				const {blob, name} = known[Math.floor(Math.random() * known.length)]!;
				t.deepEqual(await world.pull(blob, {name}), blob.bytes);
				pulls += 1;
			}
		};
		const busy = Promise.all([...names.map(pusher), puller(), puller()]);
		for (let round = 0; round < 5; round++) {
			await world.move();
			await world.move({from: world.to, to: world.from});
		}
		stop.abort();
		await busy;
		await world.move();
		t.true(pulls > 10);
		for (const {blob, name} of known) {
			t.deepEqual(await world.pull(blob, {name}), blob.bytes);
		}
		t.like(await world.verify(world.to), {faults: 0});
		t.like(await world.verify(world.from), {faults: 0, blobs: 0});
	});

	test(on('rows are made again from what a storage has'), async t => {
		const world = await openWorld(t, database);
		const blobs = Array.from({length: 5}, () => blobFixture(100));
		for (const blob of blobs) {
			await world.push(blob, {repository: world.second});
		}
		for (const [key, object] of world.backends.far.objects) {
			world.backends.near.objects.set(key, object);
		}
		const {objects} = world.backends.near;
		const [first = ''] = objects.keys();
		objects.set(`${first.slice(0, first.lastIndexOf('/'))}/another`, objects.get(first)!);
		objects.set('blobs/sha256/odd', {bytes: Buffer.from('odd'), modifiedAt: new Date()});
		const [, broken = ''] = objects.keys();
		objects.set(broken, {bytes: Buffer.from('broken'), modifiedAt: new Date()});
		const parts = {metadata: world.metadata, storage: world.from};
		t.deepEqual(await reindexBlobs({...parts, dryRun: true, verify: true}), {
			seen: 7,
			added: 5,
			double: 0,
			wrong: 1,
			unreadable: 0,
		});
		const [, , , unreadable = ''] = objects.keys();
		world.faults.unreadable.add(unreadable);
		t.like(await reindexBlobs({...parts, dryRun: true, verify: true}), {added: 4, wrong: 1, unreadable: 1});
		world.faults.unreadable.clear();
		t.like(await reindexBlobs({...parts, verify: true}), {seen: 7, added: 4, double: 1, wrong: 1});
		t.like(await reindexBlobs(parts), {seen: 7, added: 1, double: 1, wrong: 0});
		const before = objects.size;
		await world.push(blobs[0]!);
		t.is(objects.size, before, 'what came so is not stored twice');
		t.deepEqual(await world.pull(blobs[0]!), blobs[0]!.bytes);
	});

	test(on('a rate limit is kept'), async t => {
		const world = await openWorld(t, database);
		for (let count = 0; count < 4; count++) {
			await world.push(blobFixture(50_000));
		}
		const started = performance.now();
		await world.move({bytesPerSecond: 400_000});
		const taken = performance.now() - started;
		t.true(taken > 300, `${taken} ms for 200,000 bytes`);
	});
}
