import {type Descriptor, RegistryError} from '@stowage/core';
import {type Content, imageFixture, indexFixture} from '@stowage/testing';
import test from 'ava';
import {app, callerWho, fetching, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

/** A virtual repository that takes pushes in `local`; `shared` is on the same storage, `apart` on another. */
const world = {
	docker: virtual(['local', 'shared', 'apart', 'hub'], {defaultDeploymentRepo: 'local'}),
	local: {},
	shared: {},
	apart: {storage: 'other'},
	hub: fetching('upstream'),
	upstream: {storage: 'other'},
};

for (const source of ['shared', 'apart', 'upstream']) {
	test(`a manifest whose blobs the client found in another member (${source}) is completed`, async t => {
		const {docker, as, get, pushBlob, putManifest, metadata} = await openVirtualWorld(t, world);
		const image = imageFixture();
		const [config, ...layers] = image.blobs;
		await pushBlob('docker', config!);
		for (const layer of layers) {
			await pushBlob(source, layer);
			t.truthy(await docker.findBlob(app, layer.digest, as));
		}
		await putManifest('docker', image.manifest, ['v1']);
		const local = await get('local');
		t.truthy(await local.findManifest(app, v1, as));
		for (const layer of layers) {
			t.truthy(await local.findBlob(app, layer.digest, as));
			t.truthy(await metadata.blobs.find('default', layer.digest));
		}
	});
}

test('manifests of an index come with all that they name, and indexes in indexes too', async t => {
	const {docker, as, get, push, putManifest} = await openVirtualWorld(t, world);
	const children = [await push('shared', []), await push('apart', []), await push('upstream', ['v9'])];
	const inner = indexFixture(children.slice(0, 2).map(({manifest}) => manifest.descriptor));
	await putManifest('docker', inner, ['inner']);
	const outer = indexFixture([inner.descriptor, children[2]!.manifest.descriptor]);
	await putManifest('docker', outer, ['v1']);
	const local = await get('local');
	for (const {manifest, blobs} of children) {
		t.deepEqual((await local.findManifest(app, {digest: manifest.digest}, as))?.manifest.bytes, manifest.bytes);
		for (const blob of blobs) {
			t.truthy(await local.findBlob(app, blob.digest, as));
		}
	}
	t.is((await docker.findManifest(app, v1, as))?.repository, 'local');
});

test('an index in another member is brought with its manifests', async t => {
	const {as, get, push, putManifest} = await openVirtualWorld(t, world);
	const child = await push('shared', []);
	const inner = indexFixture([child.manifest.descriptor]);
	await putManifest('shared', inner, []);
	await putManifest('docker', indexFixture([inner.descriptor]), ['v1']);
	t.truthy(await (await get('local')).findManifest(app, {digest: child.manifest.digest}, as));
});

test('what the caller may not read where it is stays missing', async t => {
	const {docker, push, as, get} = await openVirtualWorld(t, world);
	const image = await push('shared', ['v1']);
	const writer = callerWho((_, repository) => repository !== 'shared' && repository !== 'hub');
	const {bytes, mediaType} = image.manifest;
	const error = await t.throwsAsync(
		async () => docker.writer?.putManifest(app, {bytes, mediaType, tags: [v1.tag]}, writer),
		{instanceOf: RegistryError, code: 'MANIFEST_BLOB_UNKNOWN'},
	);
	t.is((error?.detail as Descriptor[] | undefined)?.length, image.blobs.length);
	t.is(await (await get('local')).findBlob(app, image.config.digest, as), undefined);
});

test('what no member has is told, and what was brought is no harm', async t => {
	const {docker, as, push, pushBlob} = await openVirtualWorld(t, world);
	const image = imageFixture();
	await pushBlob('apart', image.config);
	const {bytes, mediaType} = image.manifest;
	const put = async () => docker.writer?.putManifest(app, {bytes, mediaType, tags: []}, as);
	const error = await t.throwsAsync(put, {instanceOf: RegistryError, code: 'MANIFEST_BLOB_UNKNOWN'});
	t.deepEqual(
		(error?.detail as Descriptor[] | undefined)?.map(({digest}) => digest),
		image.layers.map(({digest}) => digest),
	);
	await push('shared', []);
	await Promise.all(image.layers.map(layer => pushBlob('shared', layer)));
	t.truthy(await put());
});

test('indexes that are nested too deep are refused', async t => {
	const {docker, as, push, putManifest} = await openVirtualWorld(t, world);
	let content: Content = (await push('shared', [])).manifest;
	for (let depth = 0; depth < 5; depth++) {
		content = indexFixture([content.descriptor]);
		await putManifest('shared', content, []);
	}
	const {bytes, mediaType} = indexFixture([content.descriptor]);
	await t.throwsAsync(async () => docker.writer?.putManifest(app, {bytes, mediaType, tags: []}, as), {
		code: 'MANIFEST_INVALID',
	});
});
