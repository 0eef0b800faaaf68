import {answered, progressed, refused} from './assertions.ts';
import {content, emptyContent, imageManifest, indexManifest, manifest, mediaTypes, randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {rangeParts} from './multipart.ts';
import {specification} from './specification.ts';
import {askToken, type TokenBody, withToken} from './token.ts';

const specify = specification();

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
	for (let at = 0; at < bytes.length; at += 32_768) {
		yield bytes.subarray(at, at + 32_768);
	}
}

specify('containerd pushes: asks by HEAD, opens an upload, sends all with one PUT', async (t, {image}) => {
	const layer = randomContent(100_000);
	const config = content('{"os":"linux"}', mediaTypes.config);
	const pushed = imageManifest({config, layers: [layer]});
	const accept = {accept: `${mediaTypes.image}, */*`};
	answered(t, await image.request('HEAD', '/manifests/latest', {headers: accept}), 404);
	for (const blob of [layer, config]) {
		const head = await image.request('HEAD', `/blobs/${blob.digest}`, {headers: {accept: `${blob.mediaType}, */*`}});
		answered(t, head, 404);
		const upload = await image.startUpload();
		const headers = {...octets, 'content-length': String(blob.bytes.length)};
		const done = await image.finish(upload, encodeURIComponent(blob.digest), blob.bytes, headers);
		answered(t, done, 201);
		t.is(done.header('docker-content-digest'), blob.digest);
	}
	answered(t, await image.putManifest(pushed, 'latest'), 201);
	const head = await image.request('HEAD', '/manifests/latest', {headers: accept});
	t.is(head.header('docker-content-digest'), pushed.digest);
	t.is(head.header('content-length'), String(pushed.bytes.length));
	t.is(head.header('content-type'), mediaTypes.image);
});

specify('containerd pulls: fetches a layer from where it broke off, and in parallel parts', async (t, {image}) => {
	const layer = await image.pushBlob(randomContent(300_000));
	const path = `/blobs/${layer.digest}`;
	const encoding = {'accept-encoding': 'zstd;q=1.0, gzip;q=0.8, deflate;q=0.5', accept: `${layer.mediaType}, */*`};
	const parts = await Promise.all(
		[0, 100_000, 200_000].map(start => image.request('GET', path, {headers: {...encoding, range: `bytes=${start}-`}})),
	);
	for (const [index, part] of parts.entries()) {
		answered(t, part, 206);
		t.is(part.header('content-range'), `bytes ${index * 100_000}-299999/300000`);
		t.true(part.body.equals(layer.bytes.subarray(index * 100_000)));
	}
});

specify(
	'classic dockerd pushes: streams with PATCH, ends with an empty PUT, and reads Range as numbers',
	async (t, {image}) => {
		const config = content('{"os":"linux"}', mediaTypes.dockerConfig);
		const layer = {...randomContent(200_000), mediaType: mediaTypes.dockerLayer};
		for (const blob of [layer, config]) {
			const started = await image.request('POST', '/blobs/uploads/', {headers: {'content-length': '0'}, body: ''});
			progressed(t, started, 202, 0);
			const upload = image.resolve(started);
			const patched = await image.client.request('PATCH', upload, {body: pieces(blob.bytes)});
			progressed(t, patched, 202, blob.bytes.length);
			t.regex(patched.need('range'), /^\d+-\d+$/);
			const next = image.client.resolve(patched.need('location'), upload);
			answered(t, await image.finish(next, blob.digest, undefined, {'content-length': '0'}), 201);
		}
		const layerEntry = {...layer, descriptor: {...layer.descriptor, mediaType: mediaTypes.dockerLayer}};
		const pushed = imageManifest({config, layers: [layerEntry], more: {mediaType: mediaTypes.dockerImage}});
		const answer = await image.putManifest(pushed, 'latest');
		answered(t, answer, 201);
		t.is(answer.header('docker-content-digest'), pushed.digest);
	},
);

specify('podman cancels the upload that a mount became', async (t, {image}) => {
	const query = `mount=${randomContent().digest}&from=docker-local/nothing`;
	const answer = await image.request('POST', `/blobs/uploads/?${query}`);
	progressed(t, answer, 202, 0);
	answered(t, await image.client.request('DELETE', image.resolve(answer)), 204);
});

specify('podman pulls parts of a zstd:chunked layer with one request', async (t, {image}) => {
	const layer = await image.pushBlob(randomContent(1_000_000));
	const wanted = [
		[0, 999],
		[5000, 70_000],
		[999_000, 999_999],
	] as const;
	const range = `bytes=${wanted.map(([first, last]) => `${first}-${last}`).join(',')}`;
	const answer = await image.request('GET', `/blobs/${layer.digest}`, {headers: {range}});
	answered(t, answer, 206);
	const parts = rangeParts(answer.need('content-type'), answer.body);
	t.is(parts.length, wanted.length);
	for (const [index, [first, last]] of wanted.entries()) {
		t.is(parts[index]?.contentRange, `bytes ${first}-${last}/1000000`);
		t.true(parts[index]?.bytes.equals(layer.bytes.subarray(first, last + 1)));
	}
});

specify('skopeo deletes: asks for every right, reads the tag, deletes the digest', async (t, {client, image}) => {
	await image.pushImage('latest');
	const scope = `repository:${image.name}:*`;
	const {token} = (await askToken(client, '/v2/token', {service: 'registry', scope})).json<TokenBody>();
	const skopeo = client.as({authorization: `Bearer ${token}`});
	const accept = [mediaTypes.dockerImage, mediaTypes.image, mediaTypes.dockerIndex, mediaTypes.index].join(', ');
	const read = await skopeo.request('GET', `${image.base}/manifests/latest`, {headers: {accept}});
	answered(t, read, 200);
	const digest = read.need('docker-content-digest');
	answered(t, await skopeo.request('DELETE', `${image.base}/manifests/${digest}`), 202);
	refused(t, await image.request('GET', '/manifests/latest'), 404, 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN');
});

specify(
	'buildx imagetools creates: reads an index, mounts, writes another, asks for it by digest',
	async (t, {image, newImage}) => {
		const source = newImage();
		const {manifest: platform, config, layer} = await source.pushImage();
		await source.pushManifest(indexManifest([platform.descriptor]), 'latest');
		const index = await source.request('GET', '/manifests/latest', {headers: {accept: `${mediaTypes.index}, */*`}});
		t.is(index.header('content-type'), mediaTypes.index);
		for (const blob of [config, layer]) {
			answered(t, await image.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${source.name}`), 201);
		}
		answered(t, await image.putManifest(platform), 201);
		const created = indexManifest([platform.descriptor], {annotations: {by: 'imagetools'}});
		answered(t, await image.putManifest(created, 'latest'), 201);
		answered(t, await image.request('HEAD', `/manifests/${created.digest}`), 200);
	},
);

specify('containerd mounts with one token for both images', async (t, {client, image, newImage}) => {
	const source = newImage();
	const blob = await source.pushBlob(randomContent());
	const scopes = [`repository:${image.name}:pull,push`, `repository:${source.name}:pull`];
	const bearer = await withToken(client, ...scopes);
	const answer = await bearer.request('POST', `${image.base}/blobs/uploads/?mount=${blob.digest}&from=${source.name}`);
	answered(t, answer, 201);
});

specify('oras asks for the referrers of nothing to learn whether they are known here', async (t, {image}) => {
	const answer = await image.request('GET', `/referrers/sha256:${'0'.repeat(64)}`);
	answered(t, answer, 200);
	t.is(answer.header('content-type'), mediaTypes.index);
});

specify('cosign 3 attaches a bundle, and finds it', async (t, {image}) => {
	const {manifest: subject} = await image.pushImage('latest');
	const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
	const bundle = await image.pushBlob(content('{"bundle":1}', type));
	await image.pushBlob(emptyContent);
	const config = {...emptyContent, descriptor: {...emptyContent.descriptor, artifactType: type}};
	const annotations = {
		'dev.sigstore.bundle.content': 'dsse-envelope',
		'org.opencontainers.image.created': '2026-01-01T00:00:00Z',
	};
	const more = {artifactType: type, subject: subject.descriptor, annotations};
	const answer = await image.putManifest(imageManifest({config, layers: [bundle], more}));
	answered(t, answer, 201);
	t.is(answer.header('oci-subject'), subject.digest);
	const found = await image.request('GET', `/referrers/${subject.digest}?artifactType=${encodeURIComponent(type)}`);
	t.deepEqual(found.json<{manifests: {annotations: unknown}[]}>().manifests[0]?.annotations, annotations);
});

specify('cosign 2 writes a signature tag, and writes it anew with more signatures', async (t, {image}) => {
	const {manifest: subject} = await image.pushImage('latest');
	const tag = `${subject.digest.replace(':', '-')}.sig`;
	const config = await image.pushBlob(content('{}', mediaTypes.config));
	const layers = [];
	for (const text of ['first', 'second']) {
		layers.push(await image.pushBlob(content(text, 'application/vnd.dev.cosign.simplesigning.v1+json')));
		answered(t, await image.putManifest(imageManifest({config, layers}), tag), 201);
	}
	const read = (await image.request('GET', `/manifests/${tag}`)).json<{layers: unknown[]}>();
	t.is(read.layers.length, 2);
});

specify('buildx pushes an image with provenance, and the attestation refers to its platform', async (t, {image}) => {
	const {manifest: platform} = await image.pushImage();
	await image.pushBlob(emptyContent);
	const statement = await image.pushBlob(content('{"predicate":1}', 'application/vnd.in-toto+json'));
	const attestation = imageManifest({
		layers: [statement],
		more: {artifactType: 'application/vnd.docker.attestation.manifest.v1+json', subject: platform.descriptor},
	});
	answered(t, await image.putManifest(attestation), 201);
	const entries = [
		{...platform.descriptor, platform: {os: 'linux', architecture: 'amd64'}},
		{
			...attestation.descriptor,
			platform: {os: 'unknown', architecture: 'unknown'},
			annotations: {
				'vnd.docker.reference.type': 'attestation-manifest',
				'vnd.docker.reference.digest': platform.digest,
			},
		},
	];
	answered(t, await image.putManifest(indexManifest(entries), 'latest'), 201);
	const found = await image.request('GET', `/referrers/${platform.digest}`);
	t.is(found.json<{manifests: unknown[]}>().manifests.length, 1);
});

specify('a schema 1 manifest of old is kept as it is, or refused in plain words', async (t, {image}) => {
	const old = manifest(
		{schemaVersion: 1, name: 'app', tag: 'latest', architecture: 'amd64', fsLayers: [], history: [], signatures: []},
		'application/vnd.docker.distribution.manifest.v1+prettyjws',
	);
	const answer = await image.putManifest(old, 'latest');
	if (answer.status === 201) {
		t.deepEqual((await image.request('GET', '/manifests/latest')).body, old.bytes);
	} else {
		refused(t, answer, [400, 415], 'MANIFEST_INVALID', 'UNSUPPORTED');
	}
});
