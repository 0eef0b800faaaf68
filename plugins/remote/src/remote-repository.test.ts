import {setTimeout as sleep} from 'node:timers/promises';
import {RegistryError, parseImageName, parseTagName} from '@stowage/core';
import {blobFixture, imageFixture, indexFixture} from '@stowage/testing';
import test from 'ava';
import {eventually, openRemoteWorld, readContent} from './fixtures/remote-world.ts';

const manifests = /\/manifests\//;
const v1 = {tag: parseTagName('v1')};
const range = () => ({start: 10_000, end: 20_000});
const refuse = () => {
	throw new RegistryError('RANGE_INVALID', 'no such part');
};

test('what is asked for is fetched once, served and stored, and nothing else is asked for', async t => {
	const {upstream, repository, image, as, pull} = await openRemoteWorld(t);
	const [one, two] = [imageFixture(), imageFixture()];
	const index = indexFixture([one.manifest.descriptor, two.manifest.descriptor]);
	upstream.putImage(image, one);
	upstream.putImage(image, two);
	upstream.putManifest(image, index, ['v1']);
	t.deepEqual(await pull('v1'), index.bytes);
	const found = await repository.findManifest(image, {digest: one.manifest.digest}, as);
	t.deepEqual(found?.manifest.bytes, one.manifest.bytes);
	t.is(found?.repository, 'remote');
	for (const blob of one.blobs) {
		t.deepEqual(await readContent(await repository.openBlob(image, blob.digest, as)), blob.bytes);
		await eventually(async () => repository.cache?.findBlob(image, blob.digest, as));
		t.is((await repository.findBlob(image, blob.digest, as))?.descriptor.size, blob.bytes.length);
		t.deepEqual(await readContent(await repository.openBlob(image, blob.digest, as)), blob.bytes);
	}
	await pull('v1');
	await repository.findManifest(image, {digest: one.manifest.digest}, as);
	t.is(upstream.requests.length, 2 + one.blobs.length);
	t.is(upstream.count(/^HEAD/), 0);
	t.is(upstream.count(new RegExp(two.manifest.digest)), 0);
});

test('a tag is asked for again by HEAD when its time is over, and fetched only when it has moved', async t => {
	const {upstream, image, pull, restarted} = await openRemoteWorld(t, {retrievalCachePeriodSecs: 1});
	const [first, second] = [imageFixture(), imageFixture()];
	upstream.putImage(image, first, ['v1', 'old']);
	upstream.putImage(image, second, ['second']);
	t.deepEqual(await pull('v1'), first.manifest.bytes);
	t.deepEqual(await pull('v1'), first.manifest.bytes);
	t.is(upstream.requests.length, 1);
	const again = await restarted();
	t.deepEqual(await pull('v1', again), first.manifest.bytes);
	t.deepEqual([upstream.count(/^HEAD/), upstream.count(/^GET/)], [1, 1]);
	upstream.putManifest(image, second.manifest, ['v1']);
	t.deepEqual(await pull('v1', again), first.manifest.bytes);
	await sleep(1_100);
	t.deepEqual(await pull('v1', again), second.manifest.bytes);
	t.deepEqual([upstream.count(/^HEAD/), upstream.count(/^GET/)], [2, 2]);
	upstream.putManifest(image, first.manifest, ['v1']);
	await sleep(1_100);
	t.deepEqual(await pull('v1', again), first.manifest.bytes);
	t.deepEqual([upstream.count(/^HEAD/), upstream.count(/^GET/)], [3, 2]);
});

test('an upstream that answers no HEAD is asked by GET', async t => {
	const {upstream, image, pull} = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0, bypassHeadRequests: true});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	t.deepEqual(await pull('v1'), content.manifest.bytes);
	t.deepEqual(await pull('v1'), content.manifest.bytes);
	t.deepEqual([upstream.count(/^HEAD/), upstream.count(/^GET/)], [0, 2]);
});

test('many who ask for one tag at a time cause one request', async t => {
	const {upstream, image, pull} = await openRemoteWorld(t);
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	const pulled = await Promise.all(Array.from({length: 50}, () => pull('v1')));
	t.true(pulled.every(bytes => bytes?.equals(content.manifest.bytes)));
	t.is(upstream.requests.length, 1);
});

test('what the upstream does not have is not asked for again for a while', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {missedRetrievalCachePeriodSecs: 1});
	const content = imageFixture();
	t.is(await pull('v1'), undefined);
	t.is(await pull('v1'), undefined);
	t.is(await repository.findManifest(image, {digest: content.manifest.digest}, as), undefined);
	t.is(await repository.findManifest(image, {digest: content.manifest.digest}, as), undefined);
	t.is(upstream.requests.length, 2);
	upstream.putImage(image, content, ['v1']);
	await sleep(1_100);
	t.deepEqual(await pull('v1'), content.manifest.bytes);
});

test('who asks only what is stored makes nobody ask the upstream', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	const stored = {...as, storedOnly: true};
	t.is(await repository.findManifest(image, v1, stored), undefined);
	t.is((await repository.listTags(image, {limit: 10}, stored)) ?? undefined, undefined);
	t.deepEqual((await repository.listImages({limit: 10}, stored)).items, []);
	t.is(upstream.requests.length, 0);
	await pull('v1');
	t.deepEqual((await repository.findManifest(image, v1, stored))?.manifest.bytes, content.manifest.bytes);
	t.is(await repository.findBlob(image, content.config.digest, stored), undefined);
	t.is(await repository.openBlob(image, content.config.digest, stored), undefined);
	t.deepEqual((await repository.listTags(image, {limit: 10}, stored))?.items, ['v1']);
	t.is(upstream.requests.length, 1);
});

test('who asks what is stored, and wants it made sure of, has a stored tag asked for again and nothing else', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0});
	const [content, moved] = [imageFixture(), imageFixture()];
	upstream.putImage(image, content, ['v1']);
	const sure = {...as, storedOnly: true, revalidate: true};
	t.is(await repository.findManifest(image, v1, sure), undefined);
	t.is(upstream.requests.length, 0);
	await pull('v1');
	upstream.putImage(image, moved, ['v1']);
	t.deepEqual((await repository.findManifest(image, v1, sure))?.manifest.bytes, moved.manifest.bytes);
	t.truthy(await repository.findManifest(image, {digest: content.manifest.digest}, sure));
	t.is(await repository.findBlob(image, content.config.digest, sure), undefined);
	t.deepEqual((await repository.listTags(image, {limit: 10}, sure))?.items, ['v1']);
	t.is(upstream.requests.length, 3);
});

test('a blob that no stored manifest of the image names is not asked for', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t);
	const [content, secret] = [imageFixture(), blobFixture()];
	upstream.putImage(image, content, ['v1']);
	upstream.putBlob(image, secret);
	t.is(await repository.openBlob(image, content.config.digest, as), undefined);
	await pull('v1');
	t.is(await repository.openBlob(image, secret.digest, as), undefined);
	t.is(await repository.findBlob(image, secret.digest, as), undefined);
	t.is(await repository.openBlob(parseImageName('other'), content.config.digest, as), undefined);
	t.is(upstream.requests.length, 1);
});

test('a blob that the upstream has lost is not there', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t);
	const content = imageFixture();
	upstream.putManifest(image, content.manifest, ['v1']);
	await pull('v1');
	t.is(await repository.openBlob(image, content.config.digest, as), undefined);
});

test('a part of a blob is served on a miss, and a part that is not there is refused', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t);
	const content = imageFixture({layerSize: 100_000});
	upstream.putImage(image, content, ['v1']);
	await pull('v1');
	const {digest, bytes} = content.layers[0]!;
	const part = await repository.openBlob(image, digest, {...as, range});
	t.is(part?.size, 10_000);
	t.deepEqual(await readContent(part), bytes.subarray(10_000, 20_000));
	await t.throwsAsync(repository.openBlob(image, content.layers[1]!.digest, {...as, range: refuse}), {
		instanceOf: RegistryError,
	});
});

test('what another image has brought here comes from the storage, if the upstream gives it to this image too', async t => {
	const {upstream, image, repository, as} = await openRemoteWorld(t);
	const [other, thief] = [parseImageName('library/other'), parseImageName('thief')];
	const content = imageFixture();
	for (const name of [image, other]) {
		upstream.putImage(name, content, ['v1']);
	}
	upstream.putManifest(thief, content.manifest, ['v1']);
	for (const name of [image, other, thief]) {
		await repository.findManifest(name, v1, as);
	}
	const {digest, bytes} = content.layers[0]!;
	t.deepEqual(await readContent(await repository.openBlob(image, digest, as)), bytes);
	await eventually(async () => repository.cache?.findBlob(image, digest, as));
	t.deepEqual(await readContent(await repository.openBlob(other, digest, as)), bytes);
	t.is(upstream.count(/^GET .*\/blobs\//), 1);
	t.is(await readContent(await repository.openBlob(thief, digest, as)), undefined);
});

test('the empty layer of old images is there without being stored anywhere', async t => {
	const {upstream, image, repository, as} = await openRemoteWorld(t);
	const digest = 'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4';
	const {parseDigest, digestOf} = await import('@stowage/core');
	const bytes = await readContent(await repository.openBlob(image, parseDigest(digest), as));
	t.is(bytes?.length, 32);
	t.is(bytes && digestOf(bytes), parseDigest(digest));
	const part = await repository.openBlob(image, parseDigest(digest), {...as, range: () => ({start: 30, end: 32})});
	t.deepEqual(await readContent(part), bytes?.subarray(30));
	t.is((await repository.findBlob(image, parseDigest(digest), as))?.descriptor.size, 32);
	t.is(upstream.requests.length, 0);
});

test('a process that starts anew finds what another has stored', async t => {
	const {upstream, image, as, pull, restarted} = await openRemoteWorld(t, {missedRetrievalCachePeriodSecs: 0});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	await pull('v1');
	await upstream.stop();
	const again = await restarted();
	const found = await again.findManifest(image, v1, as);
	t.deepEqual(found?.manifest.bytes, content.manifest.bytes);
	t.regex(found?.warning ?? '', /stored/);
	t.is(upstream.count(manifests), 1);
});
