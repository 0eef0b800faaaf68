import {digestOf, parseTagName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test from 'ava';

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('an image without manifests is in no list, and its row goes with its last hold'), async t => {
		const {store, records, image, addBlob, repositoryId} = await openMetadataWorld(t, database);
		const rows = async () => (await store.usage.ofRepository(repositoryId)).images;
		const listed = async () => (await records.listImages({limit: 10})).items;
		const layer = await addBlob('layer');
		t.deepEqual(await listed(), []);
		const manifest = manifestOf({text: 'manifest', layers: [layer]});
		await records.putManifest(image, manifest, putOptions(['1']));
		t.deepEqual(await listed(), [image]);
		await records.remove(image, {tags: [{tag: parseTagName('1')}]});
		t.deepEqual(await listed(), []);
		t.is(await records.listTags(image, {limit: 10}), undefined);
		t.is(await rows(), 1, 'a blob is held for whoever has been told that it is there');
		await store.blobs.releaseUnreferenced(new Date(Date.now() + 60_000), 10);
		t.is(await rows(), 0);
	});

	test(on('an image that never held a blob goes with its last manifest, and what is refused makes none'), async t => {
		const {store, records, image, repositoryId} = await openMetadataWorld(t, database);
		const rows = async () => (await store.usage.ofRepository(repositoryId)).images;
		const refused = manifestOf({text: 'refused', layers: [digestOf(Buffer.from('nothing'))]});
		t.is((await records.putManifest(image, refused, putOptions(['1']))).outcome, 'missing');
		t.is(await rows(), 0);
		const manifest = manifestOf({text: 'index'});
		await records.putManifest(image, manifest, putOptions(['1']));
		t.is(await records.deleteManifest(image, manifest.digest), 'deleted');
		t.is(await rows(), 0);
	});

	test(on('an image that many push to and delete from at once is there as long as it has something'), async t => {
		const {store, records, image, repositoryId} = await openMetadataWorld(t, database);
		const manifests = Array.from({length: 12}, (_, index) => manifestOf({text: `manifest ${index}`}));
		await Promise.all(
			manifests.map(async (manifest, index) => {
				await records.putManifest(image, manifest, putOptions([`tag-${index}`], {rules: {maxUniqueTags: 4}}));
				if (index % 2 === 0) {
					await records.deleteManifest(image, manifest.digest);
				}
			}),
		);
		const tags = (await records.listTags(image, {limit: 100}))?.items ?? [];
		t.true(tags.length <= 4);
		for (const tag of tags) {
			t.truthy(await records.findManifest(image, {tag}));
		}
		for (const manifest of manifests) {
			await records.deleteManifest(image, manifest.digest);
		}
		t.is((await store.usage.ofRepository(repositoryId)).images, 0);
	});
}
