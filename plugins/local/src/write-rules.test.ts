import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Caller, type Json, type RegistryEvent, parseImageName, parseTagName} from '@stowage/core';
import {blobFixture, createTestHost, imageFixture, indexFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';

const image = parseImageName('library/alpine');
const denied = {code: 'DENIED', status: 403};
const page = {limit: 100};

async function openHost(t: ExecutionContext, options: Readonly<Record<string, Json>>) {
	const host = await createTestHost({repositories: {local: {options}, other: {}}});
	t.teardown(() => host.close());
	const as = {caller: host.caller};
	const developer: Caller = {...host.caller, name: 'developer', admin: false};
	const writer = host.repository.writer!;
	const pushBlob = async ({bytes, digest}: ReturnType<typeof blobFixture>, name = image) => {
		const upload = await writer.startUpload(name, as);
		await upload.append(Readable.from([bytes]));
		return upload.commit(digest);
	};
	const push = async (tags: readonly string[], fixture = imageFixture()) => {
		for (const blob of fixture.blobs) {
			await pushBlob(blob);
		}
		await writer.putManifest(image, {...fixture.manifest, tags: tags.map(parseTagName)}, {caller: developer});
		return fixture;
	};
	const tags = async () => (await host.repository.listTags(image, page, as))?.items.map(String);
	return {...host, writer, as, developer, pushBlob, push, tags};
}

async function storedKeys({storage}: {readonly storage: {list(prefix: string): AsyncIterable<{key: string}>}}) {
	const keys: string[] = [];
	for await (const {key} of storage.list('')) {
		keys.push(key);
	}
	return keys;
}

test('what goes because of a push is told, and is gone', async t => {
	const {push, tags, events} = await openHost(t, {maxUniqueTags: 2, dockerTagRetention: 1});
	const told: string[] = [];
	const tell = (event: RegistryEvent) => void told.push('tag' in event ? `${event.type} ${event.tag}` : event.type);
	events.on('tag.deleted', tell);
	events.on('manifest.deleted', tell);
	await push(['1']);
	await push(['2']);
	await push(['3']);
	await push(['3']);
	await new Promise(setImmediate);
	t.deepEqual(await tags(), ['2', '3']);
	t.deepEqual(told, ['tag.deleted 1', 'manifest.deleted', 'manifest.deleted']);
});

test('nobody moves an immutable tag, and only an administrator deletes it', async t => {
	const {push, writer, developer, as, tags} = await openHost(t, {immutableTags: ['v*']});
	const {manifest} = await push(['v1', 'latest']);
	const other = await push(['latest']);
	const v1 = parseTagName('v1');
	for (const options of [{caller: developer}, as]) {
		t.like(await t.throwsAsync(writer.putManifest(image, {...other.manifest, tags: [v1]}, options)), denied);
	}
	await t.notThrowsAsync(writer.putManifest(image, {...manifest, tags: [v1]}, as));
	t.like(await t.throwsAsync(writer.deleteTag(image, v1, {caller: developer})), denied);
	t.like(await t.throwsAsync(writer.deleteManifest(image, manifest.digest, {caller: developer})), denied);
	t.deepEqual(await tags(), ['latest', 'v1']);
	t.true(await writer.deleteTag(image, v1, as));
	await writer.putManifest(image, {...other.manifest, tags: [v1]}, {caller: developer});
	t.deepEqual(await tags(), ['latest', 'v1']);
});

test('manifests of schema 1 are taken or refused', async t => {
	const bytes = Buffer.from(JSON.stringify({schemaVersion: 1, name: 'a', tag: 'b', fsLayers: [], history: []}));
	const pushed = {bytes, mediaType: 'application/vnd.docker.distribution.manifest.v1+json', tags: []};
	const strict = await openHost(t, {blockPushingSchema1: true});
	t.like(await t.throwsAsync(strict.writer.putManifest(image, pushed, strict.as)), {
		code: 'MANIFEST_INVALID',
		status: 400,
	});
	const lenient = await openHost(t, {});
	await t.notThrowsAsync(lenient.writer.putManifest(image, pushed, lenient.as));
});

test('an index gives tags to its platforms', async t => {
	const {push, writer, as, tags, repository} = await openHost(t, {platformTags: true});
	const [amd, arm, attestation] = [await push([]), await push([]), await push([])];
	const on = ({manifest}: typeof amd, os: string, architecture: string) => ({
		...manifest.descriptor,
		platform: {os, architecture},
	});
	const index = indexFixture([
		on(amd, 'linux', 'amd64'),
		on(arm, 'linux', 'arm64'),
		on(attestation, 'unknown', 'unknown'),
	]);
	await writer.putManifest(image, {...index, tags: [parseTagName('1.0')]}, as);
	t.deepEqual(await tags(), ['1.0', '1.0-linux-amd64', '1.0-linux-arm64']);
	const found = await repository.findManifest(image, {tag: parseTagName('1.0-linux-arm64')}, as);
	t.is(found?.manifest.digest, arm.manifest.digest);
	t.true(await writer.deleteTag(image, parseTagName('1.0'), as));
	t.deepEqual(await tags(), []);
});

test('what does not fit into the quota is refused at every step, and leaves nothing', async t => {
	const {pushBlob, writer, as, repositories, storage, metadata} = await openHost(t, {repositoryQuota: '10kB'});
	await pushBlob(blobFixture(6_000));
	const large = blobFixture(4_001);
	const error = await t.throwsAsync(pushBlob(large));
	t.like(error, {...denied, detail: {of: 'repository', quota: 10_000, held: 6_000, wanted: 4_001}});
	t.is((await storedKeys({storage})).length, 1);
	t.is(await metadata.uploads.countStartedBy('tester'), 0);
	const other = (await repositories.get('other'))!;
	const upload = await other.writer!.startUpload(image, as);
	await upload.append(Readable.from([large.bytes]));
	await upload.commit(large.digest);
	const mounting = () => writer.mountBlob(image, large.digest, {repository: other, image}, as);
	t.like(await t.throwsAsync(mounting), denied);
	t.like(await t.throwsAsync(pushBlob(large)), denied);
	t.is((await storedKeys({storage})).length, 2, 'the blob is that of the other repository');
	const rest = blobFixture(4_000);
	await pushBlob(rest);
	t.like(await t.throwsAsync(writer.startUpload(image, as)), denied);
	t.truthy(await writer.mountBlob(parseImageName('library/busybox'), rest.digest, undefined, as));
});

test('who pushes is told when a quota is nearly used up', async t => {
	const {pushBlob, push, writer, as} = await openHost(t, {repositoryQuota: '100kB', imageQuota: '1MB'});
	const warningOf = async () => {
		const {manifest} = await push(['latest']);
		return (await writer.putManifest(image, {...manifest, tags: []}, as)).warning;
	};
	t.is(await warningOf(), undefined);
	await pushBlob(blobFixture(80_000));
	t.regex((await warningOf()) ?? '', /^9\d % of the quota of this repository are used: 9\d{4} of 100000 bytes$/);
});

test('a quota that was made smaller lets no more manifests in', async t => {
	const {push, repositories, metadata, as} = await openHost(t, {imageQuota: '1MB'});
	const {manifest} = await push(['1']);
	const definition = (await metadata.definitions.find('local'))!;
	await metadata.definitions.update({...definition, options: {imageQuota: '1kB'}});
	await repositories.refresh();
	const {writer} = (await repositories.get('local'))!;
	t.like(await t.throwsAsync(writer!.putManifest(image, {...manifest, tags: [parseTagName('2')]}, as)), denied);
});

test('another process follows a changed rule by itself', async t => {
	const host = await openHost(t, {});
	const {push, metadata, as} = host;
	const {manifest} = await push(['v1']);
	const node = await host.another();
	const pulls = async () => {
		const repository = (await node.repositories.get('local'))!;
		return repository.findManifest(image, {digest: manifest.digest}, as).then(
			() => true,
			(error: {code: string}) => error.code !== 'DENIED',
		);
	};
	t.true(await pulls());
	const definition = (await metadata.definitions.find('local'))!;
	await metadata.definitions.update({...definition, options: {blackedOut: true}});
	const until = Date.now() + 60_000;
	while ((await pulls()) && Date.now() < until) {
		await sleep(50);
	}
	t.false(await pulls());
});
