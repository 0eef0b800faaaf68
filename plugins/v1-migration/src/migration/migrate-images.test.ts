import {createHash} from 'node:crypto';
import {gunzipSync, gzipSync} from 'node:zlib';
import {everythingCaller} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import test from 'ava';
import pLimit from 'p-limit';
import {makeTar} from './fixtures/make-tar.ts';
import {openMigrationWorld, pullImage} from './fixtures/migration-world.ts';
import {type V1Registry, emptyLayer, fileLayer} from './fixtures/v1-registry.ts';

function sha256(bytes: Buffer): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A base, a step that changes nothing, and a top; `team/app:1`. */
function addImage(registry: V1Registry) {
	const base = registry.add({layer: fileLayer('bin/base', 'base'), json: {author: 'ann', Size: 4}});
	const middle = registry.add({parent: base, layer: emptyLayer, json: {comment: 'nothing'}});
	const top = registry.add({parent: middle, layer: fileLayer('bin/top', 'top')});
	registry.tag('team/app', '1', top);
	return {base, middle, top};
}

function mayWriteApp(action: string, _: string, image?: string): boolean {
	return action === 'write' && image === 'team/app';
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('an image becomes layers in order without empty ones, and a config with the history of all'), async t => {
		const {registry, migrate, repository} = await openMigrationWorld(t, {database});
		addImage(registry);
		const {tags, failed, layers} = await migrate();
		t.deepEqual([failed.length, layers], [0, 3]);
		const pulled = await pullImage(repository, 'team/app', '1');
		t.deepEqual(tags, [{image: 'team/app', tag: '1', digest: pulled.digest, unchanged: false}] as never);
		t.is(pulled.mediaType, 'application/vnd.docker.distribution.manifest.v2+json');
		t.deepEqual(pulled.layers, [fileLayer('bin/base', 'base'), fileLayer('bin/top', 'top')]);
		t.deepEqual(
			pulled.config.rootfs.diff_ids,
			pulled.layers.map(layer => sha256(gunzipSync(layer))),
		);
		t.like(pulled.config, {architecture: 'amd64', os: 'linux', docker_version: '0.9.1', config: {Env: ['PATH=/bin']}});
		t.deepEqual(
			pulled.config.history.map(({empty_layer: empty, created_by: by, author, comment}) => [
				empty,
				by,
				author,
				comment,
			]),
			[
				[undefined, '/bin/sh -c #(nop) step 1', 'ann', undefined],
				[true, '/bin/sh -c #(nop) step 2', undefined, 'nothing'],
				[undefined, '/bin/sh -c #(nop) step 3', undefined, undefined],
			],
		);
	});

	test(on('shared layers are read once, and a migration that is begun again reads and changes nothing'), async t => {
		const {registry, migrate} = await openMigrationWorld(t, {database});
		const {top} = addImage(registry);
		for (const name of ['one', 'two', 'three']) {
			registry.tag(`team/${name}`, 'latest', registry.add({parent: top, layer: fileLayer(name, name)}));
		}
		const first = await migrate({}, {limit: pLimit(4)});
		t.deepEqual(first.failed, []);
		t.is(registry.opened.length, 6);
		const again = await migrate();
		t.is(registry.opened.length, 6);
		t.deepEqual([again.layers, again.bytes], [0, 0]);
		t.true(again.tags.every(({unchanged}) => unchanged));
		t.deepEqual(
			again.tags.map(({digest}) => digest),
			first.tags.map(({digest}) => digest),
		);
	});

	test(on('what cannot be converted is told by name, and the rest goes on'), async t => {
		const {registry, migrate, repository} = await openMigrationWorld(t, {database});
		const {base, top} = addImage(registry);
		const odd = {
			'json-broken': registry.add({bytes: Buffer.from('{'), layer: emptyLayer}),
			'json-other': registry.add({json: {id: top}, layer: emptyLayer}),
			'no-parent': registry.add({json: {parent: 'a'.repeat(64)}, layer: emptyLayer}),
			'no-layer': registry.add({parent: base}),
			climbs: registry.add({parent: base, layer: gzipSync(makeTar([{name: '../x'}]))}),
			cut: registry.add({parent: base, layer: fileLayer('x', 'y'.repeat(5000)).subarray(0, -9)}),
			garbage: registry.add({parent: base, layer: Buffer.alloc(3000, 'no tar')}),
			after: registry.add({parent: base, layer: Buffer.concat([fileLayer('x', 'y'), Buffer.alloc(10)])}),
			bzip2: registry.add({parent: base, layer: Buffer.from('BZh91AY&SY')}),
			nothing: registry.add({parent: base, layer: Buffer.alloc(0), json: {Size: 12}}),
			'config-wrong': registry.add({parent: base, layer: emptyLayer, json: {config: {Env: 'PATH', Cmd: [1]}}}),
			'time-wrong': registry.add({parent: base, layer: emptyLayer, json: {created: 'yesterday'}}),
		};
		for (const [tag, id] of Object.entries(odd)) {
			registry.tag('team/odd', tag, id);
		}
		registry.tag('Team/Upper', 'latest', top);
		registry.tag('team/app', 'not a tag', top);
		const {tags, failed} = await migrate();
		t.deepEqual(
			tags.map(({image, tag}) => `${image}:${tag}`),
			['team/app:1'],
		);
		t.is((await pullImage(repository, 'team/app', '1')).layers.length, 2);
		const reasons = new Map(failed.map(({image, tag, reason}) => [`${image}:${tag}`, reason]));
		const expected: Readonly<Record<string, RegExp>> = {
			'Team/Upper:latest': /can ask for "Team\/Upper"/,
			'team/app:not a tag': /can ask for "not a tag"/,
			'team/odd:json-broken': /^the JSON of [a-f0-9]{12} is no JSON$/,
			'team/odd:json-other': /is that of another image/,
			'team/odd:no-parent': /there is no image aaaaaaaaaaaa/,
			'team/odd:no-layer': /^the layer of [a-f0-9]{12} is missing$/,
			'team/odd:climbs': /^[a-f0-9]{12}: the tar has an entry "\.\.\/x", which leads out of the image$/,
			'team/odd:cut': /broken gzip/,
			'team/odd:garbage': /no tar/,
			'team/odd:after': /bytes after the end of its gzip/,
			'team/odd:bzip2': /compressed with bzip2/,
			'team/odd:nothing': /no bytes, and should have files of 12/,
			'team/odd:config-wrong': /wrong "Cmd" in its config/,
			'team/odd:time-wrong': /wrong "created"/,
		};
		t.deepEqual([...reasons.keys()].toSorted(), Object.keys(expected).toSorted());
		for (const [name, reason] of Object.entries(expected)) {
			t.regex(reasons.get(name) ?? '', reason, name);
		}
	});

	test(on('a migration that ends in the middle goes on with what is missing'), async t => {
		const world = await openMigrationWorld(t, {database});
		const {registry, migrate, repository, metadata} = world;
		const {top} = addImage(registry);
		const last = registry.add({parent: top, layer: fileLayer('last', createHash('sha512').update('x').digest('hex'))});
		registry.tag('team/app', '2', last);
		const stop = new AbortController();
		registry.beforePiece = id => {
			if (id === last) {
				stop.abort(new Error('killed'));
			}
		};
		await t.throwsAsync(migrate({signal: stop.signal}, {limit: pLimit(1)}), {message: 'killed'});
		t.is(await metadata.uploads.countStartedBy('migrator'), 0);
		registry.beforePiece = () => undefined;
		const read = registry.opened.length;
		const {tags} = await migrate();
		t.deepEqual(
			tags.map(({unchanged}) => unchanged),
			[true, false],
		);
		t.deepEqual(registry.opened.slice(read), [last]);
		t.is((await pullImage(repository, 'team/app', '2')).layers.length, 3);
	});
}

test('the same image becomes the same digest in any registry, in both forms', async t => {
	const digests = [];
	for (const form of ['docker', 'oci', 'docker', 'oci'] as const) {
		const {registry, migrate, repository} = await openMigrationWorld(t);
		const {top} = addImage(registry);
		const tar = makeTar([{name: 'plain', content: 'plain '.repeat(30_000)}]);
		registry.tag('team/app', '1', registry.add({parent: top, layer: tar}));
		const {tags} = await migrate({}, {form});
		const {manifest, config, layers} = await pullImage(repository, 'team/app', '1');
		t.true(layers.at(-1)?.equals(tar) === false && gunzipSync(layers.at(-1)!).equals(tar));
		t.is(config.rootfs.diff_ids.at(-1), sha256(tar));
		t.is(manifest.mediaType.includes('oci'), form === 'oci');
		t.is('container_config' in config, form === 'docker');
		digests.push(tags[0]?.digest);
	}
	t.is(digests[0], digests[2]);
	t.is(digests[1], digests[3]);
	t.not(digests[0], digests[1]);
});

test('one image or one tag is brought over when it is asked for, with and without "library/"', async t => {
	const {registry, migrate, repository} = await openMigrationWorld(t);
	const {top} = addImage(registry);
	registry.tag('library/busybox', '1', top);
	registry.tag('library/busybox', '2', top);
	const named = async (image: string, tag?: string) =>
		(await migrate({image, tag: tag as never})).tags.map(({image, tag}) => `${image}:${tag}`);
	t.deepEqual(await named('busybox', '2'), ['busybox:2']);
	t.deepEqual(await named('library/busybox'), ['busybox:1', 'busybox:2']);
	await t.throwsAsync(pullImage(repository, 'team/app', '1'));
	await t.throwsAsync(named('busybox', '3'), {code: 'MANIFEST_UNKNOWN'});
	await t.throwsAsync(named('none'), {code: 'NAME_UNKNOWN'});
	t.is((await migrate({image: 'team/app'})).tags.length, 1);
});

test('a dry run tells what would be read and what is missing, and writes nothing', async t => {
	const {registry, migrate, repository} = await openMigrationWorld(t);
	const {base} = addImage(registry);
	registry.tag('team/app', 'broken', registry.add({parent: base}));
	const {tags, failed, layers, bytes} = await migrate({dryRun: true});
	t.deepEqual([tags.length, failed.length, layers, registry.opened.length], [1, 1, 3, 0]);
	t.is(bytes, fileLayer('bin/base', 'base').length + fileLayer('bin/top', 'top').length + emptyLayer.length);
	await t.throwsAsync(pullImage(repository, 'team/app', '1'));
});

test('how far it has come is told from the first tag to the last, with the bytes that have come', async t => {
	const {registry, migrate} = await openMigrationWorld(t);
	const {top} = addImage(registry);
	registry.tag('team/app', '2', top);
	const told: (readonly number[])[] = [];
	await migrate({onProgress: ({done, total, bytes}) => void told.push([done, total, bytes])});
	const bytes = fileLayer('bin/base', 'base').length + fileLayer('bin/top', 'top').length;
	t.deepEqual(told[0], [0, 2, 0]);
	t.deepEqual(told.at(-1), [2, 2, bytes]);
});

test('only what the caller may write is written, and tags are moved by who may delete', async t => {
	const {registry, migrate, repository} = await openMigrationWorld(t);
	const {top} = addImage(registry);
	registry.tag('other/app', '1', top);
	await migrate({image: 'team/app'});
	registry.tag('team/app', '1', registry.add({parent: top, layer: fileLayer('new', 'new')}));
	const caller = {...everythingCaller('dev'), admin: false, may: mayWriteApp};
	const {tags, failed} = await migrate({caller});
	t.deepEqual(tags, []);
	t.regex(failed.find(({image}) => image === 'other/app')?.reason ?? '', /may not be written/);
	t.regex(failed.find(({image}) => image === 'team/app')?.reason ?? '', /needs the right to delete/);
	t.is((await pullImage(repository, 'team/app', '1')).layers.length, 2);
	const mover = {
		...caller,
		may: (action: string, key: string, image?: string) => action === 'delete' || mayWriteApp(action, key, image),
	};
	t.is((await migrate({caller: mover, image: 'team/app'})).failed.length, 0);
	t.is((await pullImage(repository, 'team/app', '1')).layers.length, 3);
});

test('rules of the target hold, and an image that they leave out keeps no layer from another', async t => {
	const world = await openMigrationWorld(t, {options: {excludesPattern: 'team/**', immutableTags: ['v*']}});
	const {registry, migrate, repository} = world;
	const {top} = addImage(registry);
	registry.tag('zed/app', 'v1', top);
	for (const parallel of [1, 4]) {
		const {tags, failed} = await migrate({}, {limit: pLimit(parallel)});
		t.deepEqual([tags.length, failed.map(({image}) => image)], [1, ['team/app']]);
	}
	registry.tag('zed/app', 'v1', registry.add({parent: top, layer: fileLayer('new', 'new')}));
	t.is((await migrate({image: 'zed/app'})).failed.length, 1, 'immutable tags stay');
	t.is((await pullImage(repository, 'zed/app', 'v1')).layers.length, 2);
});

test('what was remembered and is collected since is converted again', async t => {
	const {registry, migrate, repository, values} = await openMigrationWorld(t);
	addImage(registry);
	const {tags} = await migrate();
	const layers = registry.opened.length;
	const image = tags[0]!.image;
	const {writer} = repository;
	const options = {caller: everythingCaller('tester')};
	const pulled = await pullImage(repository, image, '1');
	await writer!.deleteManifest(image, pulled.digest as never, options);
	await writer!.deleteBlob(image, pulled.manifest.layers[0]!.digest as never, options);
	const again = await migrate();
	t.is(again.tags[0]?.digest, tags[0]?.digest);
	t.deepEqual(registry.opened.slice(layers), [registry.opened[0]]);
	t.truthy(await values.getValue(`v1-layer ${createHash('sha256').update(emptyLayer).digest('hex')}`));
});
