import {openCollection} from '@stowage/core/metadata';
import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const later = () => new Date(Date.now() + 60_000);

for (const database of databases()) {
	test(`${database.name}: holds are ended and blobs are taken beside everything else`, async t => {
		const {options, store, records, image, addBlob} = await openMetadataWorld(t, database);
		const [needed, unneeded] = [await addBlob('needed'), await addBlob('unneeded')];
		await records.putManifest(image, manifestOf({text: 'm', layers: [needed]}), putOptions());
		const {records: collection, close} = openCollection(options, store, {threadAfter: 1});
		t.deepEqual(await collection.releaseUnreferenced(later(), 100), {examined: 2, released: 1});
		const taken = await collection.takeUnheld('main', later(), 100);
		t.deepEqual(
			taken.map(({digest}) => digest),
			[unneeded],
		);
		t.is(await store.blobs.find('main', unneeded), undefined);
		t.not(await store.blobs.find('main', needed), undefined);
		await close();
	});
}

test('what cannot be done is told, and so is a thread that has ended', async t => {
	const options = {client: 'sqlite', file: '/dev/null/not a folder'} as const;
	const {records, close} = openCollection(options, {blobs: undefined as never}, {threadAfter: 0});
	await t.throwsAsync(records.takeUnheld('main', later(), 1), {code: 'COLLECTION_THREAD'});
	await close();
	await t.throwsAsync(records.releaseUnreferenced(later(), 1), {code: 'COLLECTION_THREAD'});
});
