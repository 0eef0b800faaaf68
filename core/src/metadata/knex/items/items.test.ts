import {type Digest, type PropertyPlace, parseImageName, parseTagName} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {addRepository, manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test, {type ExecutionContext} from 'ava';

const app = parseImageName('team/app');
const tag = (name: string) => parseTagName(name);
const set = (properties: Record<string, readonly string[]>) => ({set: new Map(Object.entries(properties))});

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const world = await openMetadataWorld(t, database);
	const {store, records, repositoryId, addBlob} = world;
	const place = {repository: repositoryId, image: app};
	const push = async (text: string, ...tags: readonly string[]) => {
		const manifest = manifestOf({text, layers: [await addBlob('layer', app)]});
		await records.putManifest(app, manifest, putOptions(tags));
		return manifest.digest;
	};
	/** The file of a tag's manifest. */
	const fileOf = (name: string, manifest: Digest): PropertyPlace => ({
		path: `${app}/${name}/manifest.json`,
		image: app,
		tag: tag(name),
		manifest,
	});
	const read = async (path: string, repository = repositoryId) => {
		const found = (await store.properties.read(repository, [path])).get(path);
		return found && Object.fromEntries(found);
	};
	const count = async (repository = repositoryId) =>
		(await store.properties.find(repository, {name: 'a', limit: 100})).length;
	return {...world, place, push, fileOf, read, count};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('checksums of a blob are kept with it, and go with it'), async t => {
		const {store, place, push} = await openWorld(t, database);
		const pushed = await push('one', '1.0');
		const layer = (await store.items.listContents(place, [pushed])).get(pushed)?.[0]?.digest ?? pushed;
		const checksums = {md5: 'a'.repeat(32), sha1: 'b'.repeat(40)};
		t.is((await store.items.findChecksums(place, [layer])).size, 0);
		await store.items.keepChecksums(layer, checksums);
		await store.items.keepChecksums(layer, checksums);
		t.deepEqual(await store.items.findChecksums(place, [layer, pushed]), new Map([[layer, checksums]]));
		const digest = `sha256:${'e'.repeat(64)}` as Digest;
		await store.blobs.insert({digest, size: 1, storage: 'attic', key: 'one'});
		await store.items.keepChecksums(digest, checksums);
		t.is((await store.blobs.takeUnheld('attic', new Date(Date.now() + 60_000), 10)).length, 1);
		await store.items.keepChecksums(digest, checksums);
	});

	test(on('versions are the tags, and manifests by digest that have none or are in an index'), async t => {
		const {store, records, place, push} = await openWorld(t, database);
		const one = await push('one', '1.0', 'latest');
		const child = await push('child', '1.0-amd64');
		const lonely = await push('lonely');
		const index = manifestOf({text: 'index', entries: [child]});
		await records.putManifest(app, index, putOptions(['multi']));
		const list = async (kind: 'tags' | 'digests', after?: string) =>
			(await store.items.listVersions(place, {kind, after, limit: 10})).map(version => version.tag ?? version.digest);
		t.deepEqual(await list('tags'), ['1.0', '1.0-amd64', 'latest', 'multi'].map(tag));
		t.deepEqual(await list('tags', '1.0-amd64'), ['latest', 'multi'].map(tag));
		t.deepEqual(await list('digests'), [child, lonely].toSorted());
		const found = await store.items.findVersion(place, {tag: tag('latest')});
		t.like(found, {image: app, tag: 'latest', digest: one, mediaType: 'application/vnd.oci.image.manifest.v1+json'});
		t.is((await store.items.findVersion(place, {digest: lonely}))?.tag, undefined);
		t.is(await store.items.findVersion(place, {tag: tag('none')}), undefined);
		const {digest: foreign} = {digest: `sha256:${'f'.repeat(64)}` as Digest};
		const sparse = manifestOf({text: 'with a foreign layer', foreign: [foreign]});
		await records.putManifest(app, sparse, putOptions(['foreign']));
		const contents = await store.items.listContents(place, [one, index.digest, sparse.digest]);
		t.like(contents.get(one)?.[0], {kind: 'layer', size: 5});
		t.deepEqual(contents.get(index.digest), []);
		t.deepEqual(contents.get(sparse.digest), [{digest: foreign, kind: 'layer'}]);
		const times = await store.items.findTimes(place);
		t.true(times!.createdAt <= times!.updatedAt && times!.updatedAt <= new Date());
		t.truthy(times!.createdBy && times!.updatedBy);
		t.deepEqual(
			[await store.items.hasImage(place), await store.items.hasImage({...place, image: parseImageName('no')})],
			[true, false],
		);
		const layer = contents.get(one)?.[0]?.digest ?? one;
		for (const [digest, found] of [
			[one, [app]],
			[layer, [app]],
			[foreign, []],
		] as const) {
			t.deepEqual(await store.items.findImagesOf(place.repository, digest, 10), [...found]);
		}
		const images = (prefix: string) => store.items.listImages(place.repository, {prefix, limit: 10});
		t.deepEqual([await images(''), await images('team/'), await images('team/app/')], [[app], [app], []]);
	});

	test(on('labels are kept once, as long as the manifest'), async t => {
		const {store, records, place, push} = await openWorld(t, database);
		const digest = await push('one', '1.0');
		await store.items.keepLabels(place, digest, {maintainer: 'a'});
		await store.items.keepLabels(place, digest, {maintainer: 'a'});
		t.deepEqual([...(await store.items.findLabels(place, [digest]))], [[digest, {maintainer: 'a'}]]);
		t.is(await records.deleteManifest(app, digest), 'deleted');
		await store.items.keepLabels(place, digest, {});
		t.is((await store.items.findLabels(place, [digest])).size, 0);
	});

	test(on('properties are set, changed, found and removed'), async t => {
		const {store, repositoryId, push, fileOf, read} = await openWorld(t, database);
		const file = fileOf('1.0', await push('one', '1.0'));
		const root = {path: ''};
		const change = (
			...args: Parameters<typeof store.properties.change> extends [number, ...infer Rest] ? Rest : never
		) => store.properties.change(repositoryId, ...args);
		await change([file, root, fileOf('gone', file.manifest!)], set({b: ['2', '1'], a: ['ä', 'A']}));
		t.deepEqual(await read(file.path), {a: ['ä', 'A'], b: ['2', '1']});
		t.deepEqual(await read(''), {a: ['ä', 'A'], b: ['2', '1']});
		const times = await store.properties.readTimes(repositoryId, ['', file.path, 'none']);
		t.deepEqual([...times.keys()].toSorted(), ['', file.path]);
		t.is(await read(fileOf('gone', file.manifest!).path), undefined);
		await change([file], {...set({a: ['x'.repeat(4000)]}), remove: ['b']});
		t.deepEqual(await read(file.path), {a: ['x'.repeat(4000)]});
		const find = (value?: string) => store.properties.find(repositoryId, {name: 'a', value, limit: 10});
		t.deepEqual(
			[await find(), await find('x'.repeat(4000)), await find('x'.repeat(200)), await find('a')],
			[['', file.path], [file.path], [], []],
		);
		await change([file, root], {remove: ['a', 'b']});
		t.is(await read(file.path), undefined);
		t.deepEqual(await find(), []);
	});

	test(on('an item has no more properties than it has room for, and what is refused changes nothing'), async t => {
		const {store, repositoryId, read} = await openWorld(t, database);
		const change = (values: Record<string, readonly string[]>) =>
			store.properties.change(repositoryId, [{path: ''}], set(values));
		const [long, numbers] = ['ä'.repeat(2000), Array.from({length: 1000}, (_, index) => `${index}`)];
		await change({a: numbers});
		await t.throwsAsync(change({b: ['1']}), {message: /1000 values at most/});
		await t.throwsAsync(change({a: ['1', ...numbers]}), {message: /1000 values at most/});
		await change({a: ['1'], b: Array(60).fill(long)});
		await t.throwsAsync(change({c: Array(6).fill(long)}), {message: /256 KiB of names and values at most/});
		await change({c: Array(5).fill(long)});
		t.like(await read(''), {a: ['1'], c: Array(5).fill(long)});
	});

	test(on('properties go with their tag, their manifest, their image and their repository'), async t => {
		const {store, records, repositoryId, push, fileOf, count} = await openWorld(t, database);
		const [one, two] = [await push('one', '1.0', '1.1'), await push('two', '2.0')];
		const folder = {path: `${app}/2.0`, image: app, tag: tag('2.0')};
		const image = {path: app, image: app};
		const places = [fileOf('1.0', one), fileOf('1.1', one), fileOf('2.0', two), folder, image, {path: ''}];
		await store.properties.change(repositoryId, places, set({a: ['1']}));
		t.is(await count(), 6);
		await records.deleteTag(app, tag('1.0'));
		t.is(await count(), 5);
		await records.remove(app, {tags: [{tag: tag('2.0')}]});
		t.is(await count(), 3);
		await records.removeEverything(app, {limit: 10});
		await store.blobs.releaseUnreferenced(new Date(Date.now() + 10_000), 100);
		t.is(await count(), 1);
		await store.definitions.delete(repositoryId);
		t.is(await count(), 0);
	});

	test(on('a tag that names another manifest is another file, and the same folder'), async t => {
		const {store, repositoryId, push, fileOf, read} = await openWorld(t, database);
		const first = await push('one', 'latest');
		const folder = {path: `${app}/latest`, image: app, tag: tag('latest')};
		await store.properties.change(repositoryId, [fileOf('latest', first), folder], set({a: ['1']}));
		const second = await push('two', 'latest');
		const {path} = fileOf('latest', second);
		t.is(await read(path), undefined);
		t.deepEqual(await store.properties.find(repositoryId, {name: 'a', limit: 10}), [folder.path]);
		t.deepEqual(await read(folder.path), {a: ['1']});
		await store.properties.change(repositoryId, [fileOf('latest', first)], set({b: ['1']}));
		t.is(await read(path), undefined);
		await store.properties.change(repositoryId, [fileOf('latest', second)], set({b: ['2']}));
		t.deepEqual(await read(path), {b: ['2']});
	});

	test(on('properties go along with a promotion, in place of those of the tag that was there'), async t => {
		const {store, repositoryId, push, fileOf, read} = await openWorld(t, database);
		const {id: target} = await addRepository(store, 'docker-prod');
		const one = await push('one', '1.0');
		const folder = {path: `${app}/1.0`, image: app, tag: tag('1.0')};
		await store.properties.change(repositoryId, [fileOf('1.0', one), folder, {path: app, image: app}], set({a: ['1']}));
		const other = parseImageName('prod/app');
		const promote = (copy: boolean, to: Partial<{image: typeof app; targetTag: ReturnType<typeof tag>}>) =>
			store.promotions.promote({
				from: {repository: repositoryId, image: app},
				to: {repository: target, image: to.image ?? app},
				tag: tag('1.0'),
				targetTag: to.targetTag,
				storage: 'main',
				copy,
				by: 'promoter',
				mayMoveTags: true,
			});
		t.like(await promote(true, {image: other, targetTag: tag('stable')}), {outcome: 'promoted'});
		t.deepEqual(await read('prod/app/stable/manifest.json', target), {a: ['1']});
		t.deepEqual(await read('prod/app/stable', target), {a: ['1']});
		t.is(await read('prod/app', target), undefined);
		await store.properties.change(repositoryId, [folder], {remove: ['a']});
		await store.properties.change(repositoryId, [fileOf('1.0', one)], set({a: ['2', '3']}));
		t.like(await promote(false, {image: other, targetTag: tag('stable')}), {outcome: 'promoted'});
		t.deepEqual(await read('prod/app/stable/manifest.json', target), {a: ['2', '3']});
		t.is(await read('prod/app/stable', target), undefined);
		t.is(await read(`${app}/1.0/manifest.json`), undefined);
	});

	test(on('what the rules of the target take away again takes no properties along'), async t => {
		const {store, repositoryId, push, fileOf, read} = await openWorld(t, database);
		const {id: target} = await addRepository(store, 'docker-prod');
		const promote = () =>
			store.promotions.promote({
				from: {repository: repositoryId, image: app},
				to: {repository: target, image: app},
				storage: 'main',
				copy: true,
				by: 'promoter',
				mayMoveTags: true,
				rules: {target: {tagRetention: 1}},
			});
		const old = await push('old', 'latest');
		t.like(await promote(), {outcome: 'promoted'});
		const young = await push('young', 'latest');
		const lost = {path: `${app}/${old}/manifest.json`, image: app, manifest: old};
		await store.properties.change(repositoryId, [lost, fileOf('latest', young)], set({a: ['1']}));
		t.like(await promote(), {outcome: 'promoted'});
		t.is(await store.items.findVersion({repository: target, image: app}, {digest: old}), undefined);
		t.is(await read(lost.path, target), undefined);
		t.deepEqual(await read(fileOf('latest', young).path, target), {a: ['1']});
	});
}
