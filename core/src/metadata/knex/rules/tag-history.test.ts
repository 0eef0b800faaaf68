import {type TagName, type WriteRules, parseTagName} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test, {type ExecutionContext} from 'ava';

const tag = (text: string): TagName => parseTagName(text);
const digestOf = (text: string) => manifestOf({text}).digest;
const keep: WriteRules = {tagRetention: 3};

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const world = await openMetadataWorld(t, database);
	const {records, image} = world;
	return {
		...world,
		push: async (text: string, tags: readonly string[], rules: WriteRules = keep) => {
			t.like(await records.putManifest(image, manifestOf({text}), putOptions(tags, {rules})), {outcome: 'stored'});
		},
		texts: async (...texts: readonly string[]) => {
			const found = await Promise.all(texts.map(text => records.findManifest(image, {digest: digestOf(text)})));
			return texts.filter((_, position) => found[position] !== undefined);
		},
	};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('what is only kept for a tag goes when the tag is deleted, what it names stays'), async t => {
		const {push, texts, records, image} = await openWorld(t, database);
		await push('one', ['a', 'other']);
		await push('two', ['a']);
		await push('three', ['a']);
		const past = manifestOf({text: 'past', entries: [digestOf('three')]});
		await records.putManifest(image, past, putOptions(['a'], {rules: keep}));
		await push('three', ['a']);
		t.deepEqual(await texts('one', 'two', 'three'), ['one', 'two', 'three']);
		t.true(await records.deleteTag(image, tag('a')));
		t.deepEqual(await texts('one', 'two', 'three'), ['one', 'three']);
		t.is(await records.findManifest(image, {digest: past.digest}), undefined);
		t.is((await records.findManifest(image, {tag: tag('other')}))?.manifest.digest, digestOf('one'));
	});

	test(on('what is only kept for a tag goes when the manifest that it names is deleted'), async t => {
		const {push, texts, records, image} = await openWorld(t, database);
		await push('one', ['a']);
		await push('two', ['a', 'b']);
		await push('three', ['a']);
		t.is(await records.deleteManifest(image, digestOf('three')), 'deleted');
		t.deepEqual(await texts('one', 'two', 'three'), ['two']);
		t.is(await records.deleteManifest(image, digestOf('two')), 'deleted');
		t.deepEqual((await records.listImages({limit: 10})).items, []);
	});

	test(on('nothing is kept for a tag that is pushed after the rule was taken away'), async t => {
		const {push, texts, records, image} = await openWorld(t, database);
		await push('one', ['a']);
		await push('two', ['a']);
		t.deepEqual(await records.remove(image, {unneeded: [digestOf('one')]}), {tags: [], manifests: []});
		await push('three', ['a'], {});
		t.deepEqual(await texts('one', 'two', 'three'), ['one', 'two', 'three']);
		await records.remove(image, {unneeded: [digestOf('one'), digestOf('two')]});
		t.deepEqual(await texts('one', 'two', 'three'), ['three']);
	});
}
