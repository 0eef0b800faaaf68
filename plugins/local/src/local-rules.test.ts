import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Caller, parseImageName, parseTagName} from '@stowage/core';
import {blobFixture, createTestHost, imageFixture, indexFixture, type TestHostOptions} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import plugin, {localType} from './index.ts';

const image = parseImageName('library/alpine');

async function openHost(t: ExecutionContext, options: TestHostOptions = {}) {
	const host = await createTestHost(options);
	t.teardown(() => host.close());
	const writer = host.repository.writer!;
	const as = {caller: host.caller};
	const pushBlob = async ({bytes, digest}: ReturnType<typeof blobFixture>, name = image) => {
		const upload = await writer.startUpload(name, as);
		await upload.append(Readable.from([bytes]));
		return upload.commit(digest);
	};
	return {...host, writer, as, pushBlob};
}

function indexOfSize(size: number) {
	const index = indexFixture([], {annotations: {fill: ''}});
	const bytes = Buffer.from(index.bytes.toString().replace('""', `"${'x'.repeat(size - index.bytes.length)}"`));
	return {bytes, mediaType: index.mediaType, tags: []};
}

test('the plugin offers the type local', t => {
	t.is(plugin.name, '@stowage/local');
	t.deepEqual(plugin.repositoryTypes, [localType]);
});

test('sparse indexes are stored where the repository allows them', async t => {
	const {writer, as, repository} = await openHost(t, {repositories: {local: {options: {sparseIndexes: true}}}});
	const index = indexFixture([imageFixture().manifest.descriptor]);
	await writer.putManifest(image, {...index, tags: [parseTagName('sparse')]}, as);
	t.deepEqual((await repository.findManifest(image, {digest: index.digest}, as))?.manifest.bytes, index.bytes);
});

test('a manifest of the limit is stored, and a larger one is refused with 413', async t => {
	const {writer, as} = await openHost(t, {repositories: {local: {options: {maxManifestBytes: 2_000}}}});
	t.is(indexOfSize(2_000).bytes.length, 2_000);
	await t.notThrowsAsync(writer.putManifest(image, indexOfSize(2_000), as));
	t.like(await t.throwsAsync(writer.putManifest(image, indexOfSize(2_001), as)), {
		code: 'MANIFEST_INVALID',
		status: 413,
	});
});

test('a user with too many uploads open is told to wait, and others are not', async t => {
	const {writer, as} = await openHost(t, {openUploadsPerUser: 2});
	await writer.startUpload(image, as);
	const second = await writer.startUpload(image, as);
	t.like(await t.throwsAsync(writer.startUpload(image, as)), {code: 'TOOMANYREQUESTS'});
	const other: Caller = {...as.caller, name: 'other'};
	await t.notThrowsAsync(writer.startUpload(image, {caller: other}));
	await second.cancel();
	await t.notThrowsAsync(writer.startUpload(image, as));
});

test('asking for a blob renews its hold after half of the grace period, and not before', async t => {
	const {pushBlob, repository, metadata, as} = await openHost(t, {gracePeriodMs: 400});
	const {id} = (await metadata.definitions.find('local'))!;
	const blob = blobFixture();
	await pushBlob(blob);
	const heldAt = async () => (await metadata.repository(id).findBlob(image, blob.digest))?.heldAt.getTime() ?? 0;
	const first = await heldAt();
	await repository.findBlob(image, blob.digest, as);
	t.is(await heldAt(), first);
	await sleep(250);
	t.truthy(await repository.findBlob(image, blob.digest, as));
	t.true((await heldAt()) >= first + 200);
});

test('a blob mounted from another storage is copied, and leaves nothing when it cannot be', async t => {
	const {repositories, storages, writer, as, metadata} = await openHost(t, {
		repositories: {local: {}, far: {storage: 'far'}},
		storages: ['default', 'far'],
	});
	const far = (await repositories.get('far'))!;
	const blob = blobFixture(200_000);
	const upload = await far.writer!.startUpload(image, as);
	await upload.append(Readable.from([blob.bytes]));
	await upload.commit(blob.digest);
	t.truthy(await writer.mountBlob(image, blob.digest, {repository: far, image}, as));
	t.truthy(await metadata.blobs.find('default', blob.digest));
	const signal = AbortSignal.abort(new Error('gone'));
	const other = blobFixture();
	const next = await far.writer!.startUpload(image, as);
	await next.append(Readable.from([other.bytes]));
	await next.commit(other.digest);
	await t.throwsAsync(writer.mountBlob(image, other.digest, {repository: far, image}, {...as, signal}));
	t.is(await metadata.uploads.countStartedBy('tester'), 0);
	const keys: string[] = [];
	for await (const {key} of storages.get('default')!.list('')) {
		keys.push(key);
	}
	t.is(keys.length, 1);
});

test('a full page of images is found among many that may not be read', async t => {
	const {writer, repository, as} = await openHost(t);
	const index = indexFixture([]);
	for (let number = 0; number < 60; number++) {
		const name = parseImageName(`${number % 20 === 0 ? 'public' : 'secret'}/image-${String(number).padStart(3, '0')}`);
		await writer.putManifest(name, {...index, tags: []}, as);
	}
	const reader: Caller = {
		...as.caller,
		admin: false,
		may: (action, _, name) => action === 'read' && !name?.startsWith('secret/'),
	};
	const first = await repository.listImages({limit: 2}, {caller: reader});
	t.deepEqual(first, {items: ['public/image-000', 'public/image-020'].map(parseImageName), next: 'public/image-020'});
	const second = await repository.listImages({limit: 2, after: first.next}, {caller: reader});
	t.deepEqual(second, {items: [parseImageName('public/image-040')]});
});
