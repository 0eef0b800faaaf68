import {answered, refused} from './assertions.ts';
import {content, digest, imageManifest, mediaTypes, randomContent} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();

specify('end-7a: a manifest is stored under its tag and its digest', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	const manifest = imageManifest({config, layers: [layer], more: {annotations: {one: 'two'}}});
	const answer = await image.putManifest(manifest, 'v1.0');
	answered(t, answer, 201);
	t.is(answer.header('docker-content-digest'), manifest.digest);
	t.is(answer.body.length, 0);
	const location = image.resolve(answer, '/manifests/v1.0');
	t.deepEqual((await image.client.request('GET', location)).body, manifest.bytes);
	for (const reference of ['v1.0', manifest.digest]) {
		t.deepEqual((await image.request('GET', `/manifests/${reference}`)).body, manifest.bytes);
	}
});

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(`end-7a: a manifest is stored under its ${algorithm} digest alone, and has no tag`, async (t, {image}) => {
		const {config, layer} = await image.pushImage('other');
		const manifest = imageManifest({config, layers: [layer], more: {annotations: {one: 'two'}}, algorithm});
		const answer = await image.putManifest(manifest);
		answered(t, answer, 201);
		t.is(answer.header('docker-content-digest'), manifest.digest);
		const location = image.resolve(answer, `/manifests/${manifest.digest}`);
		t.is(location, `${image.base}/manifests/${manifest.digest}`);
		t.deepEqual((await image.client.request('GET', location)).body, manifest.bytes);
		t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, ['other']);
	});

	specify(`end-7a: other bytes than the ${algorithm} digest says are refused, and not kept`, async (t, {image}) => {
		const {config, layer} = await image.pushImage();
		const manifest = imageManifest({config, layers: [layer], more: {annotations: {one: 'two'}}, algorithm});
		const other = {...manifest, bytes: Buffer.concat([manifest.bytes, Buffer.from('  ')])};
		refused(t, await image.putManifest(other, manifest.digest), 400, 'DIGEST_INVALID');
		for (const name of [manifest.digest, digest(other.bytes, algorithm)]) {
			answered(t, await image.request('HEAD', `/manifests/${name}`), 404);
		}
	});
}

specify(
	'end-7a: a manifest named by a sha512 digest refers to blobs that were named by sha256 ones',
	async (t, {image}) => {
		const layers = [await image.pushBlob(randomContent()), await image.pushBlob(randomContent(99, 'sha512'))];
		const config = await image.pushBlob(content('{}', mediaTypes.config, 'sha512'));
		const manifest = imageManifest({config, layers, algorithm: 'sha512'});
		answered(t, await image.putManifest(manifest), 201);
		answered(t, await image.putManifest(imageManifest({config, layers}), 'latest'), 201);
	},
);

specify('end-7a: a blob known by its sha256 digest is not one by its sha512 digest', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	const config = await image.pushBlob(content('{}', mediaTypes.config));
	const manifest = imageManifest({config, layers: [content(blob.bytes, undefined, 'sha512')]});
	const answer = await image.putManifest(manifest, 'latest');
	if (answer.status !== 201) {
		refused(t, answer, [400, 404], 'MANIFEST_BLOB_UNKNOWN');
	} else {
		answered(t, await image.request('HEAD', `/blobs/${digest(blob.bytes, 'sha512')}`), 200);
	}
});

specify('end-7a: pushing the same manifest again changes nothing', async (t, {image}) => {
	const {manifest} = await image.pushImage('latest');
	for (const reference of ['latest', manifest.digest]) {
		answered(t, await image.putManifest(manifest, reference), 201);
	}
	t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, ['latest']);
});

specify('end-7a: a tag can be moved, and the manifest that it left stays', async (t, {image}) => {
	const first = await image.pushImage('latest');
	const second = await image.pushImage('latest');
	t.is((await image.request('HEAD', '/manifests/latest')).header('docker-content-digest'), second.manifest.digest);
	answered(t, await image.request('HEAD', `/manifests/${first.manifest.digest}`), 200);
});

specify('end-7a: many push one manifest to many tags at once, and all are there', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	const manifest = imageManifest({config, layers: [layer], more: {annotations: {one: 'two'}}});
	const tags = Array.from({length: 16}, (_, index) => `t${String(index).padStart(2, '0')}`);
	const answers = await Promise.all([...tags, ...tags].map(tag => image.putManifest(manifest, tag)));
	t.deepEqual(new Set(answers.map(answer => answer.status)), new Set([201]));
	t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, tags);
});

for (const tag of ['_', '0', 'A.b-c_D', 'x'.repeat(128), 'sha256-abc.sig', 'latest.', 'v1..2', 'list', 'uploads']) {
	specify(`end-7a: ${tag.slice(0, 20)} is a tag`, async (t, {image}) => {
		const {manifest} = await image.pushImage(tag);
		t.is((await image.request('HEAD', `/manifests/${tag}`)).header('docker-content-digest'), manifest.digest);
	});
}

for (const tag of [
	'.dot',
	'-dash',
	'x'.repeat(129),
	'a%20b',
	'a%2Fb',
	'%C3%A9',
	'a+b',
	'a~b',
	'a%00',
	'sha256:abc',
	'a:b',
	'a@b',
]) {
	specify(`end-7a: ${tag.slice(0, 20)} is no tag`, async (t, {image}) => {
		const {manifest} = await image.pushImage();
		const answer = await image.putManifest(manifest, tag);
		refused(t, answer, [400, 404], 'TAG_INVALID', 'MANIFEST_INVALID', 'DIGEST_INVALID', 'NAME_INVALID', 'NAME_UNKNOWN');
	});
}

specify('end-7a: a manifest whose blobs are missing is refused, and each of them named', async (t, {image}) => {
	const present = await image.pushBlob(randomContent());
	const missing = [randomContent(), randomContent()] as const;
	const manifest = imageManifest({config: missing[0], layers: [present, missing[1]]});
	const answer = await image.putManifest(manifest, 'latest');
	refused(t, answer, [400, 404], 'MANIFEST_BLOB_UNKNOWN');
	const said = JSON.stringify(answer.json());
	t.true(missing.every(blob => said.includes(blob.digest)));
	t.false(said.includes(present.digest));
	answered(t, await image.request('HEAD', '/manifests/latest'), 404);
	answered(t, await image.request('HEAD', `/manifests/${manifest.digest}`), 404);
});

specify('end-7a: blobs of another image are as good as missing', async (t, {image, newImage}) => {
	const {manifest} = await newImage().pushImage('latest');
	refused(t, await image.putManifest(manifest, 'latest'), [400, 404], 'MANIFEST_BLOB_UNKNOWN');
});

specify('end-7a: a manifest that names one blob twice is stored', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	const config = await image.pushBlob(content('{}', mediaTypes.config));
	answered(t, await image.putManifest(imageManifest({config, layers: [blob, blob, config]}), 'latest'), 201);
});
