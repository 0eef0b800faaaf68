import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test from 'ava';
import {CollectionThread} from './collection-thread.ts';
import {GrowingCollection} from './growing-collection.ts';

const later = () => new Date(Date.now() + 60_000);

for (const database of databases()) {
	test(`${database.name}: holds are ended and blobs are taken beside everything else`, async t => {
		const {store, records, image, addBlob} = await openMetadataWorld(t, database);
		const [needed, unneeded] = [await addBlob('needed'), await addBlob('unneeded')];
		await records.putManifest(image, manifestOf({text: 'm', layers: [needed]}), putOptions());
		const opened = store.openCollection();
		const {records: collection} = opened;
		t.deepEqual(await collection.releaseUnreferenced(later(), 100), {examined: 2, released: 1});
		const taken = await collection.takeUnheld('main', later(), 100);
		t.deepEqual(
			taken.map(({digest}) => digest),
			[unneeded],
		);
		t.is(await store.blobs.find('main', unneeded), undefined);
		t.not(await store.blobs.find('main', needed), undefined);
		await opened.close();
	});
}

for (const database of databases().filter(({name}) => name === 'sqlite')) {
	test('a collection that proves long goes on in a thread, which is left to checkpoint until then', async t => {
		const {options, store, addBlob} = await openMetadataWorld(t, database);
		const left: boolean[] = [];
		const collection = new GrowingCollection({
			options: options as {client: 'sqlite'; file: string},
			here: store.blobs,
			leaveCheckpoints: async now => void left.push(now),
			threadAfter: 1,
		});
		const blobs = [await addBlob('one'), await addBlob('two')];
		t.deepEqual(await collection.releaseUnreferenced(later(), 1), {examined: 1, released: 1, position: 1});
		t.deepEqual(left, []);
		t.deepEqual(await collection.releaseUnreferenced(later(), 2, 1), {examined: 1, released: 1});
		t.deepEqual(left, [true]);
		const taken = await collection.takeUnheld('main', later(), 100);
		t.deepEqual(new Set(taken.map(({digest}) => digest)), new Set(blobs));
		await collection.close();
		t.deepEqual(left, [true, false]);
	});
}

test('what cannot be done is told, and so is a thread that has ended', async t => {
	const thread = new CollectionThread({client: 'sqlite', file: '/dev/null/not a folder'});
	await t.throwsAsync(thread.takeUnheld('main', later(), 1), {code: 'COLLECTION_THREAD'});
	await thread.close();
	await t.throwsAsync(thread.releaseUnreferenced(later(), 1), {code: 'COLLECTION_THREAD'});
});
