import {type ReleasedHolds, digestOf, parseImageName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {
	type MetadataWorld,
	addBlobTo,
	addRepository,
	manifestOf,
	openMetadataWorld,
	putOptions,
} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const later = () => new Date(Date.now() + 60_000);
const earlier = () => new Date(Date.now() - 60_000);

/** Ends every hold that can be ended and takes every blob that can be taken. */
async function collect({
	store,
}: MetadataWorld): Promise<{readonly released: number; readonly taken: readonly string[]}> {
	const {released} = await store.blobs.releaseUnreferenced(later(), 1000);
	const taken = await store.blobs.takeUnheld('main', later(), 1000);
	return {released, taken: taken.map(blob => blob.digest)};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a blob is inserted once, and a second one of the digest changes nothing'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const digest = digestOf(Buffer.from('b'));
		const blob = {digest, size: 2 ** 45, storage: 'main', key: 'blobs/one'};
		t.true(await store.blobs.insert(blob));
		t.false(await store.blobs.insert(blob));
		t.false(await store.blobs.insert({...blob, key: 'blobs/two', size: 1}));
		t.deepEqual(await store.blobs.find('main', digest), blob);
		t.is(await store.blobs.find('Main', digest), undefined);
		t.true(await store.blobs.insert({...blob, storage: 'Main'}));
	});

	test(on('two blobs cannot have one key'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const blob = {digest: digestOf(Buffer.from('b')), size: 1, storage: 'main', key: 'blobs/one'};
		await store.blobs.insert(blob);
		await t.throwsAsync(store.blobs.insert({...blob, digest: digestOf(Buffer.from('c'))}), {code: 'CONFLICT'});
	});

	test(on('keys are found exactly, in any number'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const keys = Array.from({length: 1200}, (_, index) => `blobs/${index}`);
		await store.transaction(async inner => {
			for (const key of keys) {
				await inner.blobs.insert({digest: digestOf(Buffer.from(key)), size: 1, storage: 'main', key});
			}
		});
		const found = await store.blobs.findKeys('main', [...keys, 'blobs/1200', 'BLOBS/1', 'blobs/1 ']);
		t.deepEqual([...found].toSorted(), keys.toSorted());
		t.deepEqual(await store.blobs.findKeys('cold', keys), new Set());
		t.deepEqual(await store.blobs.findKeys('main', []), new Set());
	});

	test(on('an image sees the blobs that it holds and no others'), async t => {
		const {records, store, image, addBlob} = await openMetadataWorld(t, database);
		const before = Date.now();
		const digest = await addBlob('blob');
		const found = await records.findBlob(image, digest);
		t.like(found, {digest, size: 4, storage: 'main'});
		t.true(found!.heldAt.getTime() >= before);
		t.is(await records.findBlob(parseImageName('library/hell'), digest), undefined);
		const other = await addRepository(store, 'other');
		t.is(await store.repository(other.id).findBlob(image, digest), undefined);
	});

	test(on('a hold of a blob that is not stored is refused'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const digest = await addBlob('blob');
		t.false(await records.hold(image, 'cold', digest));
		t.false(await records.hold(image, 'main', digestOf(Buffer.from('none'))));
		t.true(await records.hold(image, 'main', digest));
	});

	test(on('a hold is renewed by holding again and by storing a manifest'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const digest = await addBlob('blob');
		const heldAt = async () => (await records.findBlob(image, digest))!.heldAt.getTime();
		const first = await heldAt();
		await new Promise(resolve => setTimeout(resolve, 5));
		await records.hold(image, 'main', digest);
		const second = await heldAt();
		await new Promise(resolve => setTimeout(resolve, 5));
		await records.putManifest(image, manifestOf({text: 'm', layers: [digest]}), putOptions());
		t.true(second > first);
		t.true((await heldAt()) > second);
	});

	test(on('holders are the images of this repository, no more than asked for'), async t => {
		const {store, repositoryId, records, image, addBlob} = await openMetadataWorld(t, database);
		const other = await addRepository(store, 'other');
		const digest = await addBlob('blob');
		const second = parseImageName('second');
		await addBlob('blob', second);
		await addBlobTo(store, {repository: other.id, image: parseImageName('third'), text: 'blob'});
		t.deepEqual(new Set(await store.repository(repositoryId).findHolders(digest, 10)), new Set([image, second]));
		t.is((await records.findHolders(digest, 1)).length, 1);
		t.deepEqual(await records.findHolders(digestOf(Buffer.from('none')), 1), []);
	});

	test(on('a blob that a manifest needs is not released, and is after the manifest went'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const digest = await addBlob('blob');
		const manifest = manifestOf({text: 'm', layers: [digest]});
		await records.putManifest(image, manifest, putOptions());
		t.is(await records.release(image, digest), 'in-use');
		t.not(await records.findBlob(image, digest), undefined);
		await records.deleteManifest(image, manifest.digest);
		t.is(await records.release(image, digest), 'released');
		t.is(await records.findBlob(image, digest), undefined);
		t.is(await records.release(image, digest), 'unknown');
		t.is(await records.release(parseImageName('none'), digest), 'unknown');
	});

	test(on('unneeded holds end when they are old enough, needed ones stay, and so do the blobs'), async t => {
		const world = await openMetadataWorld(t, database);
		const {store, records, image, addBlob} = world;
		const [needed, unneeded] = [await addBlob('needed'), await addBlob('unneeded')];
		const cache = await addBlob('cache');
		await records.putManifest(image, manifestOf({text: 'm', layers: [needed], entries: [cache]}), putOptions());
		t.deepEqual(await store.blobs.releaseUnreferenced(earlier(), 100), {examined: 0, released: 0});
		t.deepEqual(await collect(world), {released: 1, taken: [unneeded]});
		t.not(await records.findBlob(image, needed), undefined);
		t.not(await records.findBlob(image, cache), undefined);
		t.is(await store.blobs.find('main', unneeded), undefined);
		t.deepEqual(await collect(world), {released: 0, taken: []});
	});

	test(on('a manifest of one image does not keep the hold of another'), async t => {
		const world = await openMetadataWorld(t, database);
		const {records, image, addBlob} = world;
		const digest = await addBlob('blob');
		const other = parseImageName('other');
		await addBlob('blob', other);
		await records.putManifest(image, manifestOf({text: 'm', layers: [digest]}), putOptions());
		t.deepEqual(await collect(world), {released: 1, taken: []});
		t.is(await records.findBlob(other, digest), undefined);
		t.not(await records.findBlob(image, digest), undefined);
	});

	test(on('no call looks at more holds than its limit, and calls together end all, past many needed ones'), async t => {
		const {store, repositoryId, records, image} = await openMetadataWorld(t, database);
		const names = Array.from({length: 450}, (_, index) => `blob ${index}`);
		await store.transaction(async inner => {
			for (const text of names) {
				await addBlobTo(inner, {repository: repositoryId, image, text});
			}
		});
		const needed = names.slice(0, 300).map(text => digestOf(Buffer.from(text)));
		await records.putManifest(image, manifestOf({text: 'm', layers: needed}), putOptions());
		const before = later();
		const calls = [];
		for (let position: number | undefined = 0; position !== undefined;) {
			const call: ReleasedHolds = await store.blobs.releaseUnreferenced(before, 100, position);
			calls.push(call);
			({position} = call);
		}
		t.deepEqual(
			calls.map(({examined}) => examined),
			[100, 100, 100, 100, 50],
		);
		t.is(
			calls.reduce((sum, {released}) => sum + released, 0),
			150,
		);
		t.is((await store.blobs.takeUnheld('main', later(), 60)).length, 60);
		t.is((await store.blobs.takeUnheld('main', later(), 100)).length, 90);
		for (const digest of needed) {
			t.not(await records.findBlob(image, digest), undefined);
		}
	});

	test(on('a blob is taken only when nobody holds it, and only some time after that'), async t => {
		const {store, records, image, addBlob} = await openMetadataWorld(t, database);
		const digest = await addBlob('blob');
		await addBlob('blob', parseImageName('other'));
		await records.release(image, digest);
		t.deepEqual(await store.blobs.takeUnheld('main', later(), 10), []);
		await records.release(parseImageName('other'), digest);
		t.deepEqual(await store.blobs.takeUnheld('main', earlier(), 10), []);
		t.deepEqual(await store.blobs.takeUnheld('cold', later(), 10), []);
		t.is((await store.blobs.takeUnheld('main', later(), 10))[0]?.digest, digest);
		t.false(await records.hold(image, 'main', digest));
	});

	test(on('a blob that is held again is not taken'), async t => {
		const {store, records, image, addBlob} = await openMetadataWorld(t, database);
		const digest = await addBlob('blob');
		await records.release(image, digest);
		t.true(await records.hold(image, 'main', digest));
		t.deepEqual(await store.blobs.takeUnheld('main', later(), 10), []);
	});

	test(on('a blob of a deleted repository is taken unless another one holds it'), async t => {
		const world = await openMetadataWorld(t, database);
		const {store, repositoryId, image, addBlob} = world;
		const other = await addRepository(store, 'other');
		const [shared, own] = [await addBlob('shared'), await addBlob('own')];
		await addBlobTo(store, {repository: other.id, image, text: 'shared'});
		t.true(await store.definitions.delete(repositoryId));
		t.deepEqual(
			(await store.blobs.takeUnheld('main', later(), 10)).map(blob => blob.digest),
			[own],
		);
		t.not(await store.repository(other.id).findBlob(image, shared), undefined);
	});

	test(on('a blob that is on two storages is held on each, and the newer hold is answered'), async t => {
		const {store, records, image, addBlob} = await openMetadataWorld(t, database);
		const digest = await addBlob('blob');
		await store.blobs.insert({digest, size: 4, storage: 'cold', key: 'blobs/cold'});
		await new Promise(resolve => setTimeout(resolve, 5));
		t.true(await records.hold(image, 'cold', digest));
		t.is((await records.findBlob(image, digest))?.storage, 'cold');
		t.deepEqual(await records.findHolders(digest, 10), [image]);
		t.is(await records.release(image, digest), 'released');
		t.is((await store.blobs.takeUnheld('main', later(), 10)).length, 1);
		t.is((await store.blobs.takeUnheld('cold', later(), 10)).length, 1);
	});
}
