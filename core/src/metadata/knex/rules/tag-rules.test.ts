import {
	type Digest,
	type ManifestRecord,
	type StoredManifest,
	type TagName,
	type WriteRules,
	dockerSchema1Type,
	parseImageName,
	parseTagName,
} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test, {type ExecutionContext} from 'ava';

const tag = (text: string): TagName => parseTagName(text);

/** Tags that begin with "v" are immutable. */
const immutableBy = (name: TagName) => (name.startsWith('v') ? 'v*' : undefined);

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const world = await openMetadataWorld(t, database);
	const {records, image} = world;
	const put = async (manifest: ManifestRecord, tags: readonly string[] = [], rules: WriteRules = {}) => {
		const outcome = await records.putManifest(image, manifest, putOptions(tags, {rules}));
		t.is(outcome.outcome, 'stored');
		return outcome.outcome === 'stored' ? outcome.removal : undefined;
	};
	return {
		...world,
		put,
		push: (text: string, tags: readonly string[], rules?: WriteRules) => put(manifestOf({text}), tags, rules),
		tags: async () => (await records.listTags(image, {limit: 100}))?.items.map(String) ?? [],
		texts: async (...texts: readonly string[]) => {
			const found = await Promise.all(texts.map(text => records.findManifest(image, {digest: digestOf(text)})));
			return texts.filter((_, position) => found[position] !== undefined);
		},
	};
}

const keep = (tagRetention: number): WriteRules => ({tagRetention});

const digestOf = (text: string) => manifestOf({text}).digest;

/** `<tag>-<name>` for each entry. */
function deriving(entries: Readonly<Record<string, Digest>>, index: Digest): WriteRules {
	const derive = (base: TagName, manifest: StoredManifest) =>
		manifest.digest === index
			? Object.entries(entries).map(([name, digest]) => ({tag: tag(`${base}-${name}`), digest}))
			: [];
	return {derive};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('the oldest tags go when there are more than an image keeps, with what only they need'), async t => {
		const {push, put, tags, texts, records, image} = await openWorld(t, database);
		const rules = {maxUniqueTags: 2};
		await push('one', ['1', 'first']);
		await push('two', ['2']);
		const signature = manifestOf({text: 'signature', subject: digestOf('two')});
		await put(signature, [`${digestOf('two').replace(':', '-')}.sig`]);
		const removal = await push('three', ['3'], rules);
		t.deepEqual(removal?.tags.map(removed => String(removed.tag)).toSorted(), ['1', 'first']);
		t.deepEqual(
			removal?.manifests.map(({digest}) => digest),
			[digestOf('one')],
		);
		t.is((await tags()).length, 3, 'a tag that tells of a manifest does not count');
		await push('one', ['3'], rules);
		t.is((await tags()).length, 3, 'moving a tag is no more tags');
		await push('four', ['4'], rules);
		t.deepEqual(await tags(), ['3', '4']);
		t.deepEqual(await texts('one', 'two', 'signature', 'three', 'four'), ['one', 'three', 'four']);
		t.deepEqual((await records.listImages({limit: 10})).items, [image]);
	});

	test(on('tags that are immutable neither count nor go, and those of one push stay together'), async t => {
		const {push, tags} = await openWorld(t, database);
		const rules = {maxUniqueTags: 1, immutableBy};
		await push('one', ['v1'], rules);
		await push('two', ['v2', 'old'], rules);
		await push('three', ['new'], rules);
		t.deepEqual(await tags(), ['new', 'v1', 'v2']);
		await push('four', ['x', 'y'], rules);
		t.deepEqual(await tags(), ['v1', 'v2', 'x', 'y']);
	});

	test(
		on('an immutable tag cannot be moved, is pushed again as it is, and other tags of the push do not come'),
		async t => {
			const {records, image, push, tags} = await openWorld(t, database);
			const rules = {immutableBy};
			await push('one', ['v1', 'latest'], rules);
			await push('one', ['v1'], rules);
			const moving = () => records.putManifest(image, manifestOf({text: 'two'}), putOptions(['v1', 'next'], {rules}));
			const error = await t.throwsAsync(moving);
			t.like(error, {code: 'DENIED', status: 403, tags: [{tag: 'v1', pattern: 'v*'}]});
			t.regex(error?.message ?? '', /"v1" \(by the pattern "v\*"\)/);
			t.deepEqual(await tags(), ['latest', 'v1']);
			await push('two', ['latest'], rules);
			t.like(await t.throwsAsync(records.deleteTag(image, tag('v1'), rules)), {code: 'DENIED'});
			t.like(await t.throwsAsync(records.deleteManifest(image, digestOf('one'), rules)), {code: 'DENIED'});
			t.false(await records.deleteTag(image, tag('v9'), rules));
			t.true(await records.deleteTag(image, tag('v1')));
		},
	);

	test(on('a tag keeps as many manifests as it is to, and the others go'), async t => {
		const {push, texts, tags} = await openWorld(t, database);
		await push('one', ['latest']);
		await push('two', ['latest', 'stable'], keep(3));
		await push('three', ['latest'], keep(3));
		t.deepEqual(await texts('one', 'two', 'three'), ['one', 'two', 'three']);
		const removal = await push('four', ['latest'], keep(3));
		t.deepEqual(
			removal?.manifests.map(({digest}) => digest),
			[digestOf('one')],
		);
		t.deepEqual(await texts('two', 'three', 'four'), ['two', 'three', 'four']);
		await push('three', ['latest'], keep(2));
		t.deepEqual(await texts('two', 'three', 'four'), ['two', 'three', 'four'], 'stable names two');
		await push('five', ['latest'], keep(1));
		t.deepEqual(await texts('two', 'three', 'four', 'five'), ['two', 'five']);
		await push('five', ['latest'], keep(1));
		t.deepEqual(await tags(), ['latest', 'stable']);
	});

	test(on('what was kept for a tag goes with it, and with its manifest'), async t => {
		const {push, texts, records, image} = await openWorld(t, database);
		for (const text of ['one', 'two', 'three']) {
			await push(text, ['a', 'b'], keep(5));
		}
		await records.remove(image, {tags: [{tag: tag('a')}]});
		t.deepEqual(await texts('one', 'two', 'three'), ['one', 'two', 'three']);
		t.is((await records.remove(image, {tags: [{tag: tag('b')}]})).manifests.length, 3);
		await push('four', ['c']);
		await push('five', ['c'], keep(5));
		t.is((await records.remove(image, {manifests: [digestOf('five')]})).manifests.length, 2);
		await push('six', ['d']);
		await push('seven', ['d'], {...keep(2), maxUniqueTags: 1});
		await push('eight', ['e'], {maxUniqueTags: 1});
		t.deepEqual(await texts('six', 'seven', 'eight'), ['eight']);
	});

	test(on('what one tag keeps does not go with another'), async t => {
		const {push, texts, records, image} = await openWorld(t, database);
		await push('one', ['a', 'b']);
		await push('two', ['a'], {tagRetention: 2});
		await push('two', ['b'], {tagRetention: 1});
		t.deepEqual(await texts('one', 'two'), ['one', 'two']);
		await records.remove(image, {unneeded: [digestOf('one')]});
		t.deepEqual(await texts('one'), ['one']);
		await push('three', ['a'], {tagRetention: 1});
		t.deepEqual(await texts('one', 'two', 'three'), ['two', 'three']);
	});

	test(on('what an index needs stays when a tag moves from it, and the index takes its entries along'), async t => {
		const {put, push, texts} = await openWorld(t, database);
		const rules = {tagRetention: 1};
		await push('amd', ['amd64'], rules);
		await push('arm', []);
		await put(manifestOf({text: 'index', entries: [digestOf('amd'), digestOf('arm')]}), ['1'], rules);
		await push('other', ['amd64'], rules);
		t.deepEqual(await texts('amd', 'arm', 'index'), ['amd', 'arm', 'index']);
		await push('other', ['1'], rules);
		t.deepEqual(await texts('amd', 'arm', 'index', 'other'), ['other']);
	});

	test(on('manifests of a type that is refused are not stored'), async t => {
		const {records, image, texts} = await openWorld(t, database);
		const rules = {refusesType: (type: string) => type === dockerSchema1Type};
		const old = {...manifestOf({text: 'old'}), mediaType: dockerSchema1Type};
		const error = await t.throwsAsync(records.putManifest(image, old, putOptions(['1'], {rules})));
		t.like(error, {code: 'MANIFEST_INVALID', status: 400});
		t.deepEqual(await texts('old'), []);
		t.deepEqual((await records.listImages({limit: 10})).items, []);
	});

	test(on('tags that come with another move and go with it'), async t => {
		const {put, push, tags, records, image} = await openWorld(t, database);
		await push('amd', []);
		await push('arm', []);
		const index = manifestOf({text: 'index', entries: [digestOf('amd'), digestOf('arm')]});
		const rules = deriving({amd: digestOf('amd'), arm: digestOf('arm'), gone: digestOf('gone')}, index.digest);
		await put(index, ['1', '2'], rules);
		t.deepEqual(await tags(), ['1', '1-amd', '1-arm', '2', '2-amd', '2-arm']);
		t.is((await records.findManifest(image, {tag: tag('1-arm')}))?.manifest.digest, digestOf('arm'));
		await push('new amd', []);
		const next = manifestOf({text: 'next', entries: [digestOf('new amd')]});
		const removal = await put(next, ['1'], deriving({amd: digestOf('new amd')}, next.digest));
		t.deepEqual(removal?.tags, [{tag: tag('1-arm'), digest: digestOf('arm')}]);
		t.is((await records.findManifest(image, {tag: tag('1-amd')}))?.manifest.digest, digestOf('new amd'));
		await push('plain', ['1']);
		t.deepEqual(await tags(), ['1', '2', '2-amd', '2-arm']);
		t.true(await records.deleteTag(image, tag('2')));
		t.deepEqual(await tags(), ['1']);
		await put(index, ['3'], rules);
		t.is(await records.deleteManifest(image, index.digest), 'deleted');
		t.deepEqual(await tags(), ['1']);
		await put(index, ['4'], rules);
		t.is((await records.remove(image, {tags: [{tag: tag('4')}]})).tags.length, 3);
		t.deepEqual(await tags(), ['1']);
	});

	test(on('a tag that somebody has pushed is never one that comes with another'), async t => {
		const {put, push, tags, records, image} = await openWorld(t, database);
		await push('amd', []);
		await push('own', ['1-amd']);
		const index = manifestOf({text: 'index', entries: [digestOf('amd')]});
		const rules = {...deriving({amd: digestOf('amd')}, index.digest), immutableBy};
		await put(index, ['1', '2', 'v3'], rules);
		const named = async (name: string) => (await records.findManifest(image, {tag: tag(name)}))?.manifest.digest;
		t.is(await named('1-amd'), digestOf('own'));
		await push('own', ['2-amd']);
		t.true(await records.deleteTag(image, tag('2')));
		t.is(await named('2-amd'), digestOf('own'));
		await push('other', ['1']);
		t.deepEqual(await tags(), ['1', '1-amd', '2-amd', 'v3', 'v3-amd']);
	});

	test(on('tags that come with others do not count, and go with the oldest'), async t => {
		const {put, push, tags, texts} = await openWorld(t, database);
		await push('amd', []);
		const index = manifestOf({text: 'index', entries: [digestOf('amd')]});
		const rules = {...deriving({amd: digestOf('amd')}, index.digest), maxUniqueTags: 2};
		await put(index, ['1'], rules);
		await push('two', ['2'], rules);
		t.deepEqual(await tags(), ['1', '1-amd', '2']);
		await push('three', ['3'], rules);
		t.deepEqual(await tags(), ['2', '3']);
		t.deepEqual(await texts('amd', 'index'), []);
	});

	test(on('a promotion follows the rules of its target, and leaves immutable tags of its source'), async t => {
		const {push, put, store, repositoryId, image, records} = await openWorld(t, database);
		const target = parseImageName('team/target');
		await push('amd', []);
		const index = manifestOf({text: 'index', entries: [digestOf('amd')]});
		const derive = deriving({amd: digestOf('amd')}, index.digest);
		await put(index, ['1'], derive);
		await push('two', ['v2', '2']);
		const promote = (name: string | undefined, targetRules: WriteRules, {copy = true, source = {}} = {}) =>
			store.promotions.promote({
				from: {repository: repositoryId, image},
				to: {repository: repositoryId, image: target},
				...(name !== undefined && {tag: tag(name)}),
				copy,
				by: 'promoter',
				mayMoveTags: true,
				storage: 'main',
				rules: {source, target: targetRules},
			});
		const tags = async () => (await records.listTags(target, {limit: 10}))?.items.map(String);
		await promote('1', derive);
		t.deepEqual(await tags(), ['1', '1-amd']);
		await promote('2', {...derive, maxUniqueTags: 1});
		t.deepEqual(await tags(), ['2']);
		t.is(await records.findManifest(target, {digest: index.digest}), undefined);
		await push('newer', ['2']);
		t.like(await t.throwsAsync(promote('2', {immutableBy: name => `${name}!`})), {code: 'DENIED'});
		t.like(await promote('2', {tagRetention: 1}), {replaced: {manifests: [{digest: digestOf('two')}]}});
		t.like(await t.throwsAsync(promote('v2', {}, {copy: false, source: {immutableBy}})), {code: 'DENIED'});
		t.like(await t.throwsAsync(promote(undefined, {}, {copy: false, source: {immutableBy}})), {code: 'DENIED'});
		t.like(await t.throwsAsync(promote('1', {refusesType: () => true})), {code: 'MANIFEST_INVALID'});
		await push('newest', ['2'], keep(3));
		const moved = await promote('2', {}, {copy: false});
		t.deepEqual(
			moved.outcome === 'promoted' ? moved.removedManifests.toSorted() : [],
			[digestOf('newest'), digestOf('newer')].toSorted(),
		);
		await promote(undefined, derive, {copy: false});
		t.deepEqual(await tags(), ['1', '1-amd', '2', 'v2']);
		t.is(await records.listTags(image, {limit: 10}), undefined);
		await records.deleteTag(target, tag('1'));
		t.deepEqual(await tags(), ['2', 'v2']);
	});
}
