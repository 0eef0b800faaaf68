import {type Caller, RegistryError, type Repository, parseTagName} from '@stowage/core';
import {imageFixture, indexFixture} from '@stowage/testing';
import test from 'ava';
import {cleanUpUnused} from './clean-up-unused.ts';
import {eventually, openRemoteWorld, readContent} from './fixtures/remote-world.ts';

const v1 = {tag: parseTagName('v1')};

test('the cache is a repository of its own that has what is stored, and asks nobody', async t => {
	const {upstream, host, image, as, repository, pull} = await openRemoteWorld(t);
	const content = imageFixture({layers: 1});
	upstream.putImage(image, content, ['v1', 'v2']);
	const cache = await host.repositories.get('remote-cache');
	t.is(cache?.key, 'remote-cache');
	t.is(host.repositories.find('remote-cache')?.key, 'remote-cache');
	t.deepEqual(await host.repositories.keys(), ['remote', 'remote-cache']);
	t.is(await cache?.findManifest(image, v1, as), undefined);
	t.is(upstream.requests.length, 0);
	await pull('v1');
	const {digest, bytes} = content.layers[0]!;
	await readContent(await repository.openBlob(image, digest, as));
	await eventually(async () => cache?.findBlob(image, digest, as));
	t.like(await cache?.findManifest(image, v1, as), {repository: 'remote-cache'});
	t.deepEqual(await readContent(await cache?.openBlob(image, digest, as)), bytes);
	t.deepEqual((await cache?.listTags(image, {limit: 10}, as))?.items, ['v1']);
	t.deepEqual((await cache?.listImages({limit: 10}, as))?.items, [image]);
	t.deepEqual((await cache?.listReferrers(image, digest, {limit: 10}, as))?.items, []);
	t.is(await cache?.findManifest(image, {tag: parseTagName('v2')}, as), undefined);
});

test('there is a cache only of a remote repository', async t => {
	const {host} = await openRemoteWorld(t);
	for (const key of ['other-cache', '-cache', 'remote-cache-cache', 'cache']) {
		t.is(await host.repositories.get(key), undefined);
	}
});

test('what is deleted from the cache is fetched again', async t => {
	const {upstream, image, as, repository, pull} = await openRemoteWorld(t);
	const content = imageFixture({layers: 1});
	const index = indexFixture([content.manifest.descriptor]);
	upstream.putImage(image, content, ['v1']);
	upstream.putManifest(image, index, ['many']);
	await pull('many');
	await pull('v1');
	const writer = repository.cache?.writer;
	const refused = await t.throwsAsync(writer?.deleteManifest(image, content.manifest.digest, as) ?? Promise.resolve(), {
		instanceOf: RegistryError,
	});
	t.is(refused?.code, 'DENIED');
	t.true(await writer?.deleteTag(image, parseTagName('v1'), as));
	t.true(await writer?.deleteManifest(image, index.digest, as));
	t.true(await writer?.deleteManifest(image, content.manifest.digest, as));
	t.false(await writer?.deleteManifest(image, content.manifest.digest, as));
	t.false(await writer?.deleteBlob(image, content.layers[0]!.digest, as));
	const asked = upstream.requests.length;
	t.truthy(await pull('v1'));
	t.is(upstream.requests.length, asked + 1);
});

test('nobody pushes to a remote repository or its cache, and both say why', async t => {
	const {image, as, repository} = await openRemoteWorld(t);
	t.is(repository.writer, undefined);
	t.regex(repository.readOnlyBecause ?? '', /remote repository.*nothing can be pushed to it.*"remote-cache"/);
	const cache = repository.cache as Repository;
	const {manifest} = imageFixture();
	const pushes = [
		cache.writer?.startUpload(image, as),
		cache.writer?.mountBlob(image, manifest.digest, undefined, as),
		cache.writer?.putManifest(image, {...manifest, tags: []}, as),
	];
	for (const push of pushes) {
		const error = await t.throwsAsync(Promise.resolve(push), {instanceOf: RegistryError});
		t.is(error?.code, 'UNSUPPORTED');
		t.regex(error?.message ?? '', /nothing can be pushed/);
	}
	t.is(await cache.writer?.findUpload(image, 'x', as), undefined);
});

test('what nobody asks for goes, with its blobs, and what was asked for stays', async t => {
	const {upstream, host, image, as, repository, pull} = await openRemoteWorld(t);
	const [used, unused] = [imageFixture({layers: 1}), imageFixture({layers: 1})];
	const index = indexFixture([unused.manifest.descriptor]);
	upstream.putImage(image, used, ['used']);
	upstream.putImage(image, unused);
	upstream.putManifest(image, index, ['unused']);
	await pull('used');
	await pull('unused');
	await repository.findManifest(image, {digest: unused.manifest.digest}, as);
	const {digest} = unused.layers[0]!;
	await readContent(await repository.openBlob(image, digest, as));
	await eventually(async () => repository.cache?.findBlob(image, digest, as));
	const definition = await host.metadata.definitions.find('remote');
	const records = host.metadata.repository(definition?.id ?? 0);
	const logger = {debug() {}, info() {}, warn() {}, error() {}, child: () => logger};
	t.is(await cleanUpUnused({records, logger}, {unusedForMs: 60_000}), 0);
	const at = new Date(Date.now() + 120_000);
	await records.notePulls([{image, digest: used.manifest.digest, at}]);
	t.is(await cleanUpUnused({records, logger}, {unusedForMs: -60_000}), 2);
	t.truthy(await repository.cache?.findManifest(image, {digest: used.manifest.digest}, as));
	t.is(await repository.cache?.findManifest(image, {digest: index.digest}, as), undefined);
	t.like(await host.metadata.blobs.releaseUnreferenced(new Date(Date.now() + 1_000), 10), {released: 1});
});

test('pulls are noted, at the latest when the repository is closed', async t => {
	const {upstream, host, image, pull} = await openRemoteWorld(t);
	upstream.putImage(image, imageFixture(), ['v1']);
	await pull('v1');
	const {id = 0, ...definition} = (await host.metadata.definitions.find('remote')) ?? {};
	const records = host.metadata.repository(id);
	const later = new Date(Date.now() + 3_600_000);
	t.is((await records.findUnused(later, 10)).length, 1);
	await host.repositories.close();
	await records.notePulls([]);
	const noted = await records.findUnused(new Date(), 10);
	t.true(noted.length <= 1);
	t.truthy(definition);
});

test('who pulls from the cache uses what is there', async t => {
	const {upstream, host, image, as, pull} = await openRemoteWorld(t);
	upstream.putImage(image, imageFixture(), ['v1']);
	await pull('v1');
	const {id = 0} = (await host.metadata.definitions.find('remote')) ?? {};
	const records = host.metadata.repository(id);
	await host.repositories.close();
	const later = new Date(Date.now() + 1);
	t.is((await records.findUnused(later, 10)).length, 1);
	await eventually(async () => (Date.now() > later.getTime() ? true : undefined));
	const other = await host.another();
	await (await other.repositories.get('remote-cache'))?.findManifest(image, v1, as);
	await other.repositories.close();
	t.deepEqual(await records.findUnused(later, 10), []);
});

test('who may read only some images is not told of others by the cache', async t => {
	const {upstream, image, as, repository, pull} = await openRemoteWorld(t);
	upstream.putImage(image, imageFixture(), ['v1']);
	await pull('v1');
	const caller: Caller = {...as.caller, may: (_action, _key, name) => name === undefined};
	t.deepEqual((await repository.cache?.listImages({limit: 10}, {caller}))?.items, []);
});
