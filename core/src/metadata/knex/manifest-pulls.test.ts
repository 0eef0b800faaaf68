import {parseImageName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {addRepository, manifestOf, openMetadataWorld, putOptions, tagged} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const other = parseImageName('library/other');

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a manifest is unused until it is asked for, and again when that is long ago'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const manifest = manifestOf({text: 'one'});
		await records.putManifest(image, manifest, putOptions(['v1']));
		const named = {image, digest: manifest.digest};
		t.deepEqual(await records.findUnused(later(), 10), [named]);
		t.deepEqual(await records.findUnused(new Date(Date.now() - 60_000), 10), []);
		await records.notePulls([{...named, at: new Date(Date.now() + 120_000)}]);
		t.deepEqual(await records.findUnused(later(), 10), []);
		await records.notePulls([{...named, at: new Date(Date.now() + 1_000)}]);
		t.deepEqual(await records.findUnused(later(), 10), [named]);
	});

	test(on('pulls of what is not there, or is in another image or repository, change nothing'), async t => {
		const {records, image, store} = await openMetadataWorld(t, database);
		const [one, two] = [manifestOf({text: 'one'}), manifestOf({text: 'two'})];
		await records.putManifest(image, one, putOptions());
		await records.putManifest(other, two, putOptions());
		const {id} = await addRepository(store, 'second');
		const at = new Date(Date.now() + 120_000);
		await store.repository(id).notePulls([{image, digest: one.digest, at}]);
		await records.notePulls([
			{image: other, digest: one.digest, at},
			{image, digest: two.digest, at},
			{image, digest: manifestOf({text: 'three'}).digest, at},
		]);
		await records.notePulls([]);
		t.is((await records.findUnused(later(), 10)).length, 2);
		t.is((await records.findUnused(later(), 1)).length, 1);
		t.deepEqual(await store.repository(id).findUnused(later(), 10), []);
	});

	test(on('what an index names is not unused before the index is gone'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const child = manifestOf({text: 'child'});
		const index = manifestOf({text: 'index', entries: [child.digest]});
		await records.putManifest(image, child, putOptions());
		await records.putManifest(image, index, putOptions(['v1']));
		await records.notePulls([{image, digest: index.digest, at: new Date()}]);
		t.deepEqual(await records.findUnused(later(), 10), [{image, digest: index.digest}]);
		t.is(await records.deleteManifest(image, index.digest), 'deleted');
		t.deepEqual(await records.findUnused(later(), 10), [{image, digest: child.digest}]);
	});

	test(on('a repository is deleted with what was noted of its manifests'), async t => {
		const {records, image, store, repositoryId} = await openMetadataWorld(t, database);
		const manifest = manifestOf({text: 'one'});
		await records.putManifest(image, manifest, putOptions());
		await records.notePulls([{image, digest: manifest.digest, at: new Date()}]);
		t.true(await store.definitions.delete(repositoryId));
		t.deepEqual(await records.findUnused(later(), 10), []);
	});

	test(on('a cache stores a manifest without anything that it names, and finds it by what it names'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const held = await addBlob('held');
		const layer = manifestOf({text: 'a layer'}).digest;
		const child = manifestOf({text: 'child'}).digest;
		const manifest = manifestOf({text: 'one', layers: [held, layer], entries: [child]});
		t.is((await records.putManifest(image, manifest, putOptions(['v1']))).outcome, 'missing');
		t.deepEqual(await records.putManifest(image, manifest, putOptions(['v1'], {partial: true})), {outcome: 'stored'});
		t.is((await records.findManifest(image, tagged('v1')))?.manifest.digest, manifest.digest);
		for (const digest of [held, layer, child]) {
			t.is((await records.findReferring(image, digest))?.digest, manifest.digest);
			t.is(await records.findReferring(other, digest), undefined);
		}
		t.deepEqual((await records.findReferring(image, layer))?.bytes, manifest.bytes);
		t.is(await records.findReferring(image, manifest.digest), undefined);
	});
}

function later(): Date {
	return new Date(Date.now() + 60_000);
}
