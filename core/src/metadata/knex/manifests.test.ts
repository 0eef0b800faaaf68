import {digestOf, parseImageName, parseTagName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions, tagged} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const unknown = digestOf(Buffer.from('unknown'));

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a manifest is found by tag and by digest, byte for byte'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const manifest = manifestOf({text: '{"a":\u0000 "é😀"}', layers: [await addBlob('layer')]});
		const before = Date.now();
		t.deepEqual(await records.putManifest(image, manifest, putOptions(['v1'])), {outcome: 'stored'});

		const byTag = await records.findManifest(image, tagged('v1'));
		t.true(byTag?.manifest.bytes.equals(manifest.bytes));
		t.true(Buffer.isBuffer(byTag?.manifest.bytes));
		t.is(byTag?.manifest.digest, manifest.digest);
		t.is(byTag?.manifest.mediaType, manifest.mediaType);
		t.true(byTag!.taggedAt!.getTime() >= before && byTag!.taggedAt!.getTime() <= Date.now());
		const byDigest = await records.findManifest(image, {digest: manifest.digest});
		t.true(byDigest?.manifest.bytes.equals(manifest.bytes));
		t.is(byDigest?.taggedAt, undefined);
	});

	test(on('a manifest of 4 MiB is stored'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const manifest = manifestOf({text: 'm'.repeat(4 * 1024 * 1024)});
		t.deepEqual(await records.putManifest(image, manifest, putOptions(['big'])), {outcome: 'stored'});
		t.is((await records.findManifest(image, tagged('big')))?.manifest.bytes.length, 4 * 1024 * 1024);
	});

	test(on('what is not there is undefined'), async t => {
		const {store, records, image} = await openMetadataWorld(t, database);
		t.is(await records.findManifest(image, tagged('v1')), undefined);
		t.is(await records.findManifest(image, {digest: unknown}), undefined);
		t.is(await store.repository(999).findManifest(image, tagged('v1')), undefined);
		t.is(await records.findBlob(image, unknown), undefined);
		t.is(await records.deleteManifest(image, unknown), 'unknown');
		t.false(await records.deleteTag(image, parseTagName('v1')));
	});

	test(on('tags and images that differ in case or by a prefix are different ones'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const tags = ['v1', 'V1', 'v', 'v1.0', 'v1-0', 'v_1'];
		for (const tag of tags) {
			await records.putManifest(image, manifestOf({text: tag}), putOptions([tag]));
		}
		for (const tag of tags) {
			t.is((await records.findManifest(image, tagged(tag)))?.manifest.bytes.toString(), tag);
		}
		t.is(await records.findManifest(parseImageName('library/hell'), tagged('v1')), undefined);
		t.is(await records.findManifest(parseImageName('library/hello/x'), tagged('v1')), undefined);
	});

	test(on('a manifest is refused with all required references that the image lacks, each once'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const held = await addBlob('held');
		const elsewhere = await addBlob('elsewhere', parseImageName('other'));
		const manifest = manifestOf({text: 'm', layers: [held, elsewhere, unknown, unknown], foreign: [unknown]});
		const outcome = await records.putManifest(image, manifest, putOptions(['v1']));
		t.is(outcome.outcome, 'missing');
		t.deepEqual(outcome.outcome === 'missing' && outcome.references.map(reference => reference.digest), [
			elsewhere,
			unknown,
		]);
		t.is(await records.findManifest(image, {digest: manifest.digest}), undefined);
		t.is(await records.findManifest(image, tagged('v1')), undefined);
	});

	test(on('a layer that clients fetch from elsewhere need not be held'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const outcome = await records.putManifest(image, manifestOf({text: 'm', foreign: [unknown]}), putOptions());
		t.is(outcome.outcome, 'stored');
	});

	test(on('an entry of an index is a manifest or a blob of the image, and may be missing in a sparse one'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const child = manifestOf({text: 'child'});
		await records.putManifest(image, child, putOptions());
		const cache = await addBlob('cache');
		const whole = manifestOf({text: 'index', entries: [child.digest, cache]});
		t.is((await records.putManifest(image, whole, putOptions())).outcome, 'stored');

		const sparse = manifestOf({text: 'sparse', entries: [child.digest, unknown]});
		t.is((await records.putManifest(image, sparse, putOptions())).outcome, 'missing');
		t.is((await records.putManifest(image, sparse, putOptions([], {sparse: true}))).outcome, 'stored');
		const broken = manifestOf({text: 'broken', layers: [unknown], entries: [child.digest]});
		t.is((await records.putManifest(image, broken, putOptions([], {sparse: true}))).outcome, 'missing');
	});

	test(on('a digest that is needed as a layer is not satisfied by a manifest of it'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const child = manifestOf({text: 'child'});
		await records.putManifest(image, child, putOptions());
		const manifest = manifestOf({text: 'm', layers: [child.digest], entries: [child.digest]});
		t.is((await records.putManifest(image, manifest, putOptions())).outcome, 'missing');
	});

	test(on('an index of 2,000 entries is checked and stored'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const held = await addBlob('held');
		const entries = Array.from({length: 2000}, (_, index) => digestOf(Buffer.from(`entry ${index}`)));
		const manifest = manifestOf({text: 'index', entries, layers: [held]});
		const outcome = await records.putManifest(image, manifest, putOptions());
		t.is(outcome.outcome === 'missing' && outcome.references.length, 2000);
		t.is((await records.putManifest(image, manifest, putOptions([], {sparse: true}))).outcome, 'stored');
	});

	test(on('all tags are pointed at the manifest, or none when one may not be moved'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const [first, second] = [manifestOf({text: 'first'}), manifestOf({text: 'second'})];
		const options = {mayMoveTags: false};
		await records.putManifest(image, first, putOptions(['a', 'b'], options));
		const refused = await records.putManifest(image, second, putOptions(['c', 'b', 'a'], options));
		t.deepEqual(refused, {outcome: 'tag-exists', tags: [parseTagName('a'), parseTagName('b')]});
		t.is(await records.findManifest(image, {digest: second.digest}), undefined);
		t.is(await records.findManifest(image, tagged('c')), undefined);

		t.is((await records.putManifest(image, first, putOptions(['a', 'a'], options))).outcome, 'stored');
		t.is((await records.putManifest(image, second, putOptions(['c', 'b']))).outcome, 'stored');
		t.is((await records.findManifest(image, tagged('a')))?.manifest.digest, first.digest);
		t.is((await records.findManifest(image, tagged('b')))?.manifest.digest, second.digest);
	});

	test(on('a refusal inside of a larger transaction leaves nothing behind'), async t => {
		const {store, repositoryId, records, image} = await openMetadataWorld(t, database);
		await store.transaction(async inner => {
			const manifest = manifestOf({text: 'm', layers: [unknown]});
			const outcome = await inner.repository(repositoryId).putManifest(image, manifest, putOptions(['v1']));
			t.is(outcome.outcome, 'missing');
		});
		t.deepEqual(await records.listImages({limit: 10}), {items: []});
		t.is(await records.listTags(image, {limit: 10}), undefined);
	});

	test(on('a manifest that is stored again keeps its row and moves its tags'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		const manifest = manifestOf({text: 'm', layers: [await addBlob('layer')]});
		await records.putManifest(image, manifest, putOptions(['a']));
		await records.putManifest(image, manifest, putOptions(['b']));
		t.deepEqual((await records.listTags(image, {limit: 10}))?.items, [parseTagName('a'), parseTagName('b')]);
		t.is(await records.deleteManifest(image, manifest.digest), 'deleted');
		t.is(await records.listTags(image, {limit: 10}), undefined);
		t.is(await records.findManifest(image, tagged('a')), undefined);
		t.is(await records.deleteManifest(image, manifest.digest), 'unknown');
	});

	test(on('a manifest that an index names is not deleted before the index'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const child = manifestOf({text: 'child'});
		const index = manifestOf({text: 'index', entries: [child.digest]});
		await records.putManifest(image, child, putOptions(['child']));
		await records.putManifest(image, index, putOptions(['index']));
		t.is(await records.deleteManifest(image, child.digest), 'in-index');
		t.is((await records.findManifest(image, tagged('child')))?.manifest.digest, child.digest);
		t.is(await records.deleteManifest(image, index.digest), 'deleted');
		t.is(await records.deleteManifest(image, child.digest), 'deleted');
	});

	test(on('a deleted tag leaves the manifest and the other tags'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const manifest = manifestOf({text: 'm'});
		await records.putManifest(image, manifest, putOptions(['v1', 'V1']));
		t.true(await records.deleteTag(image, parseTagName('v1')));
		t.false(await records.deleteTag(image, parseTagName('v1')));
		t.is((await records.findManifest(image, tagged('V1')))?.manifest.digest, manifest.digest);
		t.is(await records.findManifest(image, tagged('v1')), undefined);
		t.true(await records.deleteTag(image, parseTagName('V1')));
		t.deepEqual(await records.listTags(image, {limit: 10}), {items: []});
	});

	test(on('the same image in two repositories is two images'), async t => {
		const {store, records, image} = await openMetadataWorld(t, database);
		const other = await store.definitions.insert({
			key: 'other',
			type: 'local',
			storage: 'main',
			description: '',
			options: {},
		});
		await records.putManifest(image, manifestOf({text: 'one'}), putOptions(['v1']));
		await store.repository(other.id).putManifest(image, manifestOf({text: 'two'}), putOptions(['v1']));
		t.is((await records.findManifest(image, tagged('v1')))?.manifest.bytes.toString(), 'one');
		t.is((await store.repository(other.id).findManifest(image, tagged('v1')))?.manifest.bytes.toString(), 'two');
	});

	test(on('sha512 digests fit wherever a digest does'), async t => {
		const {store, repositoryId, records, image} = await openMetadataWorld(t, database);
		const layer = digestOf(Buffer.from('layer'), 'sha512');
		await store.blobs.insert({digest: layer, size: 5, storage: 'main', key: `blobs/${layer}`});
		t.true(await store.repository(repositoryId).hold(image, 'main', layer));
		const subject = digestOf(Buffer.from('subject'), 'sha512');
		const manifest = {
			...manifestOf({text: 'm', layers: [layer], subject}),
			digest: digestOf(Buffer.from('m'), 'sha512'),
		};
		t.is((await records.putManifest(image, manifest, putOptions(['v1']))).outcome, 'stored');
		t.is((await records.findManifest(image, tagged('v1')))?.manifest.digest, manifest.digest);
		t.is((await records.listReferrers(image, subject, {limit: 5})).items[0]?.digest, manifest.digest);
	});
}
