import {answered, refused} from './assertions.ts';
import {digest, indexManifest, randomContent} from './content.ts';
import type {ImageClient} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

async function tags(image: ImageClient): Promise<readonly string[]> {
	return (await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags;
}

specify('end-9: a deleted tag is gone at once, and its manifest stays', async (t, {image}) => {
	const {manifest} = await image.pushImage('old');
	await image.pushManifest(manifest, 'kept');
	const answer = await image.request('DELETE', '/manifests/old');
	answered(t, answer, 202);
	t.is(answer.body.length, 0);
	refused(t, await image.request('GET', '/manifests/old'), 404, 'MANIFEST_UNKNOWN');
	for (const reference of ['kept', manifest.digest]) {
		answered(t, await image.request('GET', `/manifests/${reference}`), 200);
	}
	t.deepEqual(await tags(image), ['kept']);
});

specify('end-9: a manifest whose last tag was deleted is there by its digest', async (t, {image}) => {
	const {manifest} = await image.pushImage('only');
	answered(t, await image.request('DELETE', '/manifests/only'), 202);
	answered(t, await image.request('GET', `/manifests/${manifest.digest}`), 200);
	t.deepEqual(await tags(image), []);
});

specify('end-9: a deleted manifest is gone at once, with all of its tags', async (t, {image}) => {
	const {manifest} = await image.pushImage('one');
	await image.pushManifest(manifest, 'two');
	const other = await image.pushImage('other');
	answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
	for (const reference of ['one', 'two', manifest.digest]) {
		answered(t, await image.request('HEAD', `/manifests/${reference}`), 404);
	}
	t.deepEqual(await tags(image), ['other']);
	answered(t, await image.request('GET', `/manifests/${other.manifest.digest}`), 200);
});

specify('end-9: what was deleted cannot be deleted again', async (t, {image}) => {
	const {manifest} = await image.pushImage('latest');
	await image.pushImage('other');
	answered(t, await image.request('DELETE', '/manifests/latest'), 202);
	refused(t, await image.request('DELETE', '/manifests/latest'), 404, 'MANIFEST_UNKNOWN');
	answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
	refused(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 404, 'MANIFEST_UNKNOWN');
});

specify('end-9: what never was cannot be deleted', async (t, {image, newImage}) => {
	await image.pushImage('latest');
	for (const reference of ['missing', randomContent().digest, randomContent(5, 'sha512').digest]) {
		refused(t, await image.request('DELETE', `/manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
		const answer = await newImage().request('DELETE', `/manifests/${reference}`);
		refused(t, answer, 404, 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN');
	}
});

specify('end-9: a digest that is none deletes nothing', async (t, {image}) => {
	await image.pushImage('latest');
	for (const reference of [
		'sha256:abc',
		'sha256:',
		`sha256:${'G'.repeat(64)}`,
		'md5:d41d8cd98f00b204e9800998ecf8427e',
	]) {
		const answer = await image.request('DELETE', `/manifests/${reference}`);
		refused(t, answer, [400, 404], 'DIGEST_INVALID', 'TAG_INVALID', 'MANIFEST_UNKNOWN');
	}
	t.deepEqual(await tags(image), ['latest']);
});

specify('end-9: a deleted manifest can be pushed again, as its blobs are still there', async (t, {image}) => {
	const {manifest} = await image.pushImage('latest');
	answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
	answered(t, await image.putManifest(manifest, 'latest'), 201);
	answered(t, await image.request('GET', '/manifests/latest'), 200);
});

specify('end-9: an index is deleted first and its images after it', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	const index = await image.pushManifest(indexManifest([manifest.descriptor]), 'latest');
	answered(t, await image.request('DELETE', `/manifests/${index.digest}`), 202);
	answered(t, await image.request('GET', `/manifests/${manifest.digest}`), 200);
	answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
	answered(t, await image.request('HEAD', `/manifests/${manifest.digest}`), 404);
});

specify('end-9: an image that an index needs is not deleted from under it', async (t, {image}) => {
	const {manifest} = await image.pushImage('amd64');
	const index = await image.pushManifest(indexManifest([manifest.descriptor]), 'latest');
	refused(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 403, 'DENIED');
	for (const reference of [manifest.digest, 'amd64', 'latest', index.digest]) {
		answered(t, await image.request('GET', `/manifests/${reference}`), 200);
	}
	answered(t, await image.request('DELETE', '/manifests/amd64'), 202);
	answered(t, await image.request('GET', `/manifests/${manifest.digest}`), 200);
});

specify('end-9: another image with the same manifest keeps it', async (t, {image, newImage}) => {
	const {manifest, config, layer} = await image.pushImage('latest');
	const other = newImage();
	await Promise.all([other.pushBlob(config), other.pushBlob(layer)]);
	await other.pushManifest(manifest, 'latest');
	answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
	answered(t, await other.request('GET', '/manifests/latest'), 200);
	answered(t, await other.request('GET', `/blobs/${layer.digest}`), 200);
});

specify('end-9: a manifest named by a sha512 digest is deleted like any', async (t, {image}) => {
	const {config} = await image.pushImage('latest');
	const manifest = indexManifest([], {annotations: {config: config.digest}});
	const name = digest(manifest.bytes, 'sha512');
	await image.pushManifest(manifest, name);
	answered(t, await image.request('DELETE', `/manifests/${name}`), 202);
	answered(t, await image.request('HEAD', `/manifests/${name}`), 404);
});
