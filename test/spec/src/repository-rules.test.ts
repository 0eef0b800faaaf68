import {answered, refused} from './assertions.ts';
import {type Content, content, indexManifest, manifest, randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {type SpecWorld, specification} from './specification.ts';

const rules = {
	immutableTags: ['v*'],
	platformTags: true,
	maxUniqueTags: 3,
	dockerTagRetention: 1,
	blockPushingSchema1: true,
};
const specify = specification({
	bootstrap: {
		repositories: {
			ruled: {type: 'local', options: rules},
			narrow: {type: 'local', options: {includesPattern: 'team/**', excludesPattern: '**/secret'}},
			small: {type: 'local', options: {repositoryQuota: '1 kB'}},
			roomy: {type: 'local', options: {repositoryQuota: '10 kB'}},
			docker: {type: 'virtual', options: {repositories: ['ruled', 'narrow'], defaultDeploymentRepo: 'ruled'}},
		},
	},
});

/** An image that no other test uses, in that repository. */
function imageOf({client, image}: SpecWorld, repository: string, prefix = '') {
	return client.image(prefix + image.name.slice(image.name.indexOf('/') + 1), `/v2/${repository}`);
}

async function tagsOf(image: ReturnType<typeof imageOf>) {
	return (await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags;
}

function on({descriptor}: Content, os: string, architecture: string, variant?: string) {
	return {...descriptor, platform: {os, architecture, ...(variant !== undefined && {variant})}};
}

specify('rules: an immutable tag is pushed again as it is, and is not moved', async (t, world) => {
	for (const image of [imageOf(world, 'ruled'), imageOf(world, 'docker', 'through/')]) {
		const {manifest: first} = await image.pushImage('v1.0');
		answered(t, await image.putManifest(first, 'v1.0'), 201);
		const {manifest: second} = await image.pushImage();
		refused(t, await image.putManifest(second, 'v1.0'), 403, 'DENIED');
		answered(t, await image.putManifest(second, 'next'), 201);
		const found = await image.request('GET', '/manifests/v1.0');
		t.deepEqual(found.body, first.bytes);
	}
});

specify('rules: an index gives tags to its platforms, through a virtual repository too', async (t, world) => {
	const image = imageOf(world, 'docker');
	const [amd, arm, attestation] = [await image.pushImage(), await image.pushImage(), await image.pushImage()];
	const entries = [
		on(amd.manifest, 'linux', 'amd64'),
		on(arm.manifest, 'linux', 'arm64', 'v8'),
		on(attestation.manifest, 'unknown', 'unknown'),
	];
	answered(t, await image.putManifest(indexManifest(entries), '1.0'), 201);
	t.deepEqual(await tagsOf(image), ['1.0', '1.0-linux-amd64', '1.0-linux-arm64-v8']);
	const found = await image.request('GET', '/manifests/1.0-linux-arm64-v8');
	t.deepEqual(found.body, arm.manifest.bytes);
	const next = indexManifest([on(arm.manifest, 'linux', 'amd64')]);
	answered(t, await image.putManifest(next, '1.0'), 201);
	t.deepEqual(await tagsOf(image), ['1.0', '1.0-linux-amd64']);
	t.is(
		(await image.request('HEAD', '/manifests/1.0-linux-amd64')).header('docker-content-digest'),
		arm.manifest.digest,
	);
	answered(t, await image.request('GET', `/manifests/${amd.manifest.digest}`), 404);
	answered(t, await image.request('DELETE', '/manifests/1.0'), 202);
	t.deepEqual(await tagsOf(image), []);
});

specify('rules: the oldest tags go, and what a tag named before', async (t, world) => {
	const image = imageOf(world, 'ruled');
	const {manifest: oldest} = await image.pushImage('1');
	for (const tag of ['2', '3', 'v4', '4']) {
		await image.pushImage(tag);
	}
	t.deepEqual(await tagsOf(image), ['2', '3', '4', 'v4']);
	answered(t, await image.request('GET', `/manifests/${oldest.digest}`), 404);
	const before = await image.request('HEAD', '/manifests/4');
	await image.pushImage('4');
	answered(t, await image.request('HEAD', `/manifests/${before.header('docker-content-digest')}`), 404);
});

specify('rules: schema 1 is refused where it is blocked', async (t, world) => {
	const old = manifest(
		{schemaVersion: 1, name: 'app', tag: 'latest', architecture: 'amd64', fsLayers: [], history: []},
		'application/vnd.docker.distribution.manifest.v1+json',
	);
	refused(t, await imageOf(world, 'ruled').putManifest(old, 'latest'), 400, 'MANIFEST_INVALID');
});

specify('rules: images that patterns leave out are neither read nor written', async (t, world) => {
	const taken = imageOf(world, 'narrow', 'team/');
	await taken.pushImage('latest');
	answered(t, await taken.request('HEAD', '/manifests/latest'), 200);
	const other = imageOf(world, 'narrow');
	const secret = world.client.image('team/secret', '/v2/narrow');
	const {digest} = randomContent();
	for (const image of [other, secret]) {
		for (const path of ['/manifests/latest', `/blobs/${digest}`, '/tags/list', `/referrers/${digest}`]) {
			refused(t, await image.request('GET', path), 403, 'DENIED');
		}
		refused(t, await image.request('POST', '/blobs/uploads/'), 403, 'DENIED');
		refused(t, await image.putManifest(content('{}', 'application/json'), 'latest'), 403, 'DENIED');
	}
	const through = world.client.image(other.name.slice('narrow/'.length), '/v2/docker');
	answered(t, await through.request('GET', '/manifests/latest'), 404);
});

specify('rules: what does not fit into a quota is refused, and a blob that all share counts once', async (t, world) => {
	const [image, other] = [imageOf(world, 'small'), imageOf(world, 'small', 'other/')];
	const [base, large] = [randomContent(600), randomContent(500)];
	await image.pushBlob(base);
	answered(t, await other.request('POST', `/blobs/uploads/?mount=${base.digest}&from=${image.name}`), 201);
	const upload = await image.append(await image.startUpload(), large.bytes);
	refused(t, await image.finish(upload, large.digest), 403, 'DENIED');
	refused(t, await world.client.request('GET', upload), 404, 'BLOB_UPLOAD_UNKNOWN');
	const whole = {headers: octets, body: large.bytes};
	refused(t, await other.request('POST', `/blobs/uploads/?digest=${large.digest}`, whole), 403, 'DENIED');
	await image.pushBlob(randomContent(400));
	refused(t, await image.request('POST', '/blobs/uploads/'), 403, 'DENIED');
	answered(t, await image.request('DELETE', `/blobs/${base.digest}`), 202);
	refused(t, await image.request('POST', '/blobs/uploads/'), 403, 'DENIED');
	answered(t, await other.request('DELETE', `/blobs/${base.digest}`), 202);
	await image.pushBlob(large);
});

specify('rules: who comes near to a quota is warned', async (t, world) => {
	const image = imageOf(world, 'roomy');
	const {manifest} = await image.pushImage('latest');
	t.is((await image.putManifest(manifest, 'latest')).header('warning'), undefined);
	await image.pushBlob(randomContent(9_500));
	const answer = await image.putManifest(manifest, 'latest');
	answered(t, answer, 201);
	t.regex(answer.need('warning'), /^299 - "9\d % of the quota of this repository are used: 9\d{3} of 10000 bytes"$/);
});
