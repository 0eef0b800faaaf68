import type {ExecutionContext} from 'ava';
import {answered, refused} from './assertions.ts';
import {
	type Content,
	content,
	emptyContent,
	imageManifest,
	indexManifest,
	manifest,
	mediaTypes,
	randomContent,
} from './content.ts';
import type {ImageClient} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

async function stored(t: ExecutionContext, image: ImageClient, pushed: Content, tag = 'latest'): Promise<void> {
	answered(t, await image.putManifest(pushed, tag), 201);
	const answer = await image.request('GET', `/manifests/${tag}`);
	answered(t, answer, 200);
	t.is(answer.header('content-type'), pushed.mediaType);
	t.is(answer.header('docker-content-digest'), pushed.digest);
	t.deepEqual(answer.body, pushed.bytes);
}

specify('end-7: a Docker image is stored as what it is', async (t, {image}) => {
	const config = await image.pushBlob(content('{"os":"linux"}', mediaTypes.dockerConfig));
	const layer = await image.pushBlob(content('layer', mediaTypes.dockerLayer));
	await stored(t, image, imageManifest({config, layers: [layer], more: {mediaType: mediaTypes.dockerImage}}));
});

specify('end-7: a Docker manifest list is stored as what it is', async (t, {image}) => {
	const first = await image.pushImage();
	const list = indexManifest([first.manifest.descriptor], {mediaType: mediaTypes.dockerIndex});
	await stored(t, image, list);
});

specify('end-7: an index of several platforms is stored with its images', async (t, {image}) => {
	const images = [await image.pushImage(), await image.pushImage()];
	const entries = images.map((each, index) => ({
		...each.manifest.descriptor,
		platform: {os: 'linux', architecture: index === 0 ? 'amd64' : 'arm64'},
	}));
	await stored(t, image, indexManifest(entries));
});

specify('end-7: an index of indexes is stored', async (t, {image}) => {
	const inner = await image.pushManifest(indexManifest([(await image.pushImage()).manifest.descriptor]));
	const middle = await image.pushManifest(indexManifest([inner.descriptor], {annotations: {level: '2'}}));
	await stored(t, image, indexManifest([middle.descriptor, inner.descriptor]));
});

specify('end-7: an index without entries is stored', async (t, {image}) => {
	await stored(t, image, indexManifest([]));
});

specify(
	'end-7: an index that names a manifest nobody pushed is stored as it is, or refused by name',
	async (t, {image}) => {
		const missing = imageManifest({config: randomContent()});
		const index = indexManifest([(await image.pushImage()).manifest.descriptor, missing.descriptor]);
		const answer = await image.putManifest(index, 'sparse');
		if (answer.status === 201) {
			await stored(t, image, index, 'sparse');
		} else {
			refused(t, answer, [400, 404], 'MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN');
			t.true(JSON.stringify(answer.json()).includes(missing.digest));
		}
	},
);

specify('end-7: an index whose entries are blobs is stored, as caches of old BuildKits are', async (t, {image}) => {
	const layer = await image.pushBlob(randomContent());
	const config = await image.pushBlob({...randomContent(), mediaType: 'application/vnd.buildkit.cacheconfig.v0'});
	const entries = [layer.descriptor, {...config.descriptor, mediaType: 'application/vnd.buildkit.cacheconfig.v0'}];
	await stored(t, image, indexManifest(entries));
});

specify('end-7: an artifact has a type of its own and the empty config', async (t, {image}) => {
	await image.pushBlob(emptyContent);
	await stored(
		t,
		image,
		imageManifest({layers: [emptyContent], more: {artifactType: 'application/vnd.example.thing+json'}}),
	);
});

specify('end-7: an artifact has a config of its own type', async (t, {image}) => {
	const config = await image.pushBlob(content('{"chart":1}', 'application/vnd.cncf.helm.config.v1+json'));
	const chart = await image.pushBlob(content('chart', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'));
	await stored(t, image, imageManifest({config, layers: [chart]}));
});

specify('end-7: an index may be an artifact', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	await stored(t, image, indexManifest([manifest.descriptor], {artifactType: 'application/vnd.example.list'}));
});

specify('end-7: an image without layers is stored', async (t, {image}) => {
	const config = await image.pushBlob(content('{}', mediaTypes.config));
	await stored(t, image, imageManifest({config}));
});

specify('end-7: a descriptor may carry its data with it', async (t, {image}) => {
	const config = await image.pushBlob(content('{}', mediaTypes.config));
	const descriptor = {...config.descriptor, data: Buffer.from('{}').toString('base64')};
	await stored(t, image, imageManifest({config: {...config, descriptor}}));
});

specify('end-7: layers that may not be distributed need not be there', async (t, {image}) => {
	const config = await image.pushBlob(content('{}', mediaTypes.config));
	const layers = [
		'application/vnd.oci.image.layer.nondistributable.v1.tar',
		'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
		'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
	].map(mediaType => {
		const layer = randomContent();
		const urls = [`https://store.example.com/blobs/${layer.digest}`];
		return {...layer, descriptor: {...layer.descriptor, mediaType, urls}};
	});
	await stored(t, image, imageManifest({config, layers}));
});

specify('end-7: members that no specification knows are kept', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	await stored(t, image, imageManifest({config, layers: [layer], more: {'org.example.x': {deep: [1, null, 'é']}}}));
});

specify('end-7: a manifest of an unknown type is kept as it is', async (t, {image}) => {
	const pushed = manifest({mediaType: 'application/vnd.example.unheard-of.v7+json', anything: [1, 2, 3]});
	await stored(t, image, pushed);
});

specify('end-7: an OCI image that does not name its own type is known by its Content-Type', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	const body = {schemaVersion: 2, config: config.descriptor, layers: [layer.descriptor]};
	await stored(t, image, manifest(body, mediaTypes.image));
});

for (const [platform, compression] of [
	['linux', 'application/vnd.oci.image.layer.v1.tar+zstd'],
	['windows', 'application/vnd.oci.image.layer.v1.tar'],
	['wasm', 'application/wasm'],
] as const) {
	specify(`end-7: layers of type ${compression} are taken as any other`, async (t, {image}) => {
		const config = await image.pushBlob(content(`{"os":"${platform}"}`, mediaTypes.config));
		const layer = await image.pushBlob(content(platform, compression));
		await stored(t, image, imageManifest({config, layers: [layer]}));
	});
}

for (const [what, body] of [
	['without members', {}],
	['without config and layers', {schemaVersion: 2, mediaType: mediaTypes.image}],
	['whose list of layers is null, as Go writes it', {schemaVersion: 2, mediaType: mediaTypes.image, layers: null}],
] as const) {
	specify(`end-7: a manifest ${what} is one, and kept as it is`, async (t, {image}) => {
		await stored(t, image, manifest(body, mediaTypes.image));
	});
}

specify('end-7: a descriptor without a media type is one, as some old tools write it', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	const bare = {...layer, descriptor: {...layer.descriptor, mediaType: undefined as unknown as string}};
	await stored(t, image, imageManifest({config, layers: [bare]}));
});
