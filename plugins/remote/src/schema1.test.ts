import {type Digest, RegistryError, dockerSchema1Type, parseTagName} from '@stowage/core';
import type {Content} from '@stowage/testing';
import test from 'ava';
import {type RemoteWorld, openRemoteWorld, readContent} from './fixtures/remote-world.ts';
import {schema1Fixture, signedSchema1Fixture} from './fixtures/schema1.ts';

const v1 = {tag: parseTagName('v1')};

/** The repository with another option from now on. */
async function change({host}: RemoteWorld, options: Readonly<Record<string, boolean>>) {
	const definition = (await host.metadata.definitions.find('remote'))!;
	await host.metadata.definitions.update({...definition, options: {...definition.options, ...options}});
	await host.repositories.refresh();
	return (await host.repositories.get('remote'))!;
}

/** Has the upstream call what it sends by another digest. */
function callManifest({upstream, image}: RemoteWorld, {bytes, mediaType}: Content, digest: Digest): void {
	upstream.script(new RegExp(`/v2/${image}/manifests/`), ({method}, response) => {
		response.writeHead(200, {'content-type': mediaType, 'docker-content-digest': digest});
		response.end(method === 'HEAD' ? undefined : bytes);
	});
}

test('manifests of schema 1 are fetched, and their layers', async t => {
	const {upstream, repository, image, as} = await openRemoteWorld(t);
	const {manifest, layer} = signedSchema1Fixture();
	upstream.putManifest(image, manifest, ['v1']);
	upstream.putBlob(image, layer);
	t.deepEqual((await repository.findManifest(image, v1, as))?.manifest.bytes, manifest.bytes);
	t.deepEqual(await readContent(await repository.openBlob(image, layer.digest, as)), layer.bytes);
	t.true(upstream.requests[0]?.headers.accept?.includes(dockerSchema1Type));
});

for (const {manifest} of [{manifest: schema1Fixture()}, signedSchema1Fixture()]) {
	test(`where schema 1 is blocked, ${manifest.mediaType} is neither asked for, passed on nor kept`, async t => {
		const {upstream, repository, image, as} = await openRemoteWorld(t, {blockPushingSchema1: true});
		upstream.putManifest(image, manifest, ['v1']);
		for (const reference of [v1, {digest: manifest.digest}]) {
			const error = await t.throwsAsync(repository.findManifest(image, reference, as), {instanceOf: RegistryError});
			t.deepEqual([error?.status, error?.code], [403, 'DENIED']);
			t.is(await repository.cache?.findManifest(image, reference, as), undefined);
		}
		t.false(upstream.requests.some(({headers}) => headers.accept?.includes(dockerSchema1Type)));
	});
}

test('a stored manifest of schema 1 is served although it is blocked now, and a newer one is not fetched', async t => {
	const world = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0});
	const {upstream, image, as} = world;
	const [stored, newer] = [schema1Fixture(), schema1Fixture()];
	upstream.putManifest(image, stored, ['v1']);
	await world.pull('v1');
	const repository = await change(world, {blockPushingSchema1: true});
	for (const reference of [v1, {digest: stored.digest}]) {
		const found = await repository.findManifest(image, reference, as);
		t.deepEqual([found?.manifest.bytes, found?.warning], [stored.bytes, undefined]);
	}
	upstream.putManifest(image, newer, ['v1']);
	const found = await repository.findManifest(image, v1, as);
	t.deepEqual(found?.manifest.bytes, stored.bytes);
	t.regex(found?.warning ?? '', /^"remote" serves what it has stored: .*schema 1/);
	t.is(await repository.cache?.findManifest(image, {digest: newer.digest}, as), undefined);
});

test('a signed manifest may have the digest of what was signed, without its signatures', async t => {
	const world = await openRemoteWorld(t);
	const {manifest, payload} = signedSchema1Fixture();
	callManifest(world, manifest, payload);
	const found = await world.repository.findManifest(world.image, v1, world.as);
	t.deepEqual([found?.manifest.bytes, found?.manifest.digest], [manifest.bytes, manifest.digest]);
});

const wrong: Readonly<Record<string, () => {readonly manifest: Content; readonly digest: Digest}>> = {
	'of something else': () => ({...signedSchema1Fixture(), digest: signedSchema1Fixture().payload}),
	'of a document without signatures': () => ({manifest: schema1Fixture(), digest: signedSchema1Fixture().payload}),
	'of what was cut off elsewhere': () => withFormat({formatLength: 10}),
	'of what ends otherwise': () => withFormat({formatTail: 'fQ'}),
	'whose place is not told': () => withFormat({formatLength: 'all', formatTail: undefined}),
};

function withFormat(format: object) {
	const {manifest, payload} = signedSchema1Fixture(format);
	return {manifest, digest: payload};
}

for (const [what, make] of Object.entries(wrong)) {
	test(`a digest ${what} is not that of a signed manifest`, async t => {
		const world = await openRemoteWorld(t);
		const {manifest, digest} = make();
		callManifest(world, manifest, digest);
		const finding = world.repository.findManifest(world.image, v1, world.as);
		t.is((await t.throwsAsync(finding, {instanceOf: RegistryError}))?.status, 502);
		t.is(await world.repository.cache?.findManifest(world.image, v1, world.as), undefined);
	});
}
