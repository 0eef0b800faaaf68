import {answered, refused} from './assertions.ts';
import {content, indexManifest, mediaTypes} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();
const encodings = ['gzip', 'zstd;q=1.0, gzip;q=0.8, deflate;q=0.5', 'br', 'identity;q=0, gzip', '*'];

for (const encoding of encodings) {
	specify(`headers: nothing is compressed for a client that accepts ${encoding}`, async (t, {client, image}) => {
		const {manifest} = await image.pushImage('latest');
		const compressible = await image.pushBlob(content(Buffer.alloc(100_000)));
		const accept = {'accept-encoding': encoding};
		for (const [path, bytes] of [
			['/manifests/latest', manifest.bytes],
			[`/blobs/${compressible.digest}`, compressible.bytes],
			['/tags/list', undefined],
			[`/referrers/${manifest.digest}`, undefined],
		] as const) {
			const answer = await image.request('GET', path, {headers: accept});
			answered(t, answer, 200);
			t.is(answer.header('content-encoding'), undefined, path);
			t.is(answer.header('content-length'), String((bytes ?? answer.body).length), path);
			t.is(answer.header('transfer-encoding'), undefined, path);
		}
		t.is((await client.request('GET', '/v2/', {headers: accept})).header('content-encoding'), undefined);
	});
}

specify('headers: every answer under /v2 names the version of the protocol', async (t, {client, image}) => {
	const {manifest, layer} = await image.pushImage('latest');
	const paths = [
		'/manifests/latest',
		`/blobs/${layer.digest}`,
		'/tags/list',
		`/referrers/${manifest.digest}`,
		'/manifests/none',
	];
	for (const path of paths) {
		const answer = await image.request('GET', path);
		t.is(answer.header('docker-distribution-api-version'), 'registry/2.0', path);
	}
	for (const path of [
		'/v2/',
		'/v2/_catalog',
		'/v2/no-such/app/tags/list',
		'/v2/docker-local',
		'/v2/unknown',
		'/v2/.bad/app/tags/list',
		'/v2/_oci/ext/discover',
		'/api/docker/.bad/v2/app/tags/list',
		'/artifactory/api/docker/docker-local/v2/app%20/tags/list',
		'/v2/docker-local/app/tags/list?ns=example.org',
	]) {
		t.is((await client.request('GET', path)).header('docker-distribution-api-version'), 'registry/2.0', path);
	}
});

specify('headers: what is no path of the protocol does not name it', async (t, {client}) => {
	for (const path of ['/v2x', '/x?/v2/', '/api/docker/a?/v2/', '/api/repositories']) {
		t.is((await client.request('GET', path)).header('docker-distribution-api-version'), undefined, path);
	}
});

specify('extensions: there are none, which clients find out by 404', async (t, {client, image}) => {
	for (const path of ['/v2/_oci/ext/discover', '/v2/_docker/x', '/v2/docker-local/_oci/ext/discover']) {
		refused(t, await client.request('GET', path), 404, 'UNSUPPORTED');
	}
	refused(t, await image.request('GET', '/_oci/ext/discover'), 404, 'UNSUPPORTED');
});

for (const mediaType of [mediaTypes.image, mediaTypes.dockerImage, mediaTypes.index, mediaTypes.dockerIndex]) {
	specify(`headers: the type ${mediaType} is answered without a charset`, async (t, {image}) => {
		const isIndex = mediaType === mediaTypes.index || mediaType === mediaTypes.dockerIndex;
		if (isIndex) {
			await image.pushManifest(indexManifest([], {mediaType}), 'asked');
		} else {
			await image.pushImage('asked', {mediaType});
		}
		for (const method of ['GET', 'HEAD'] as const) {
			t.is((await image.request(method, '/manifests/asked')).header('content-type'), mediaType);
		}
	});
}

specify('headers: what is read carries its digest, whatever way it is asked for', async (t, {image}) => {
	const {manifest, layer} = await image.pushImage('latest');
	for (const [path, digest] of [
		['/manifests/latest', manifest.digest],
		[`/manifests/${manifest.digest}`, manifest.digest],
		[`/blobs/${layer.digest}`, layer.digest],
	] as const) {
		for (const method of ['GET', 'HEAD'] as const) {
			t.is((await image.request(method, path)).header('docker-content-digest'), digest, `${method} ${path}`);
		}
	}
});

specify('headers: the source that a mirror names comes back to it', async (t, {client, image}) => {
	await image.pushImage('latest');
	const path = image.base.replace('/v2/docker-local/', '/api/docker/docker-local/v2/');
	const answer = await client.request('GET', `${path}/manifests/latest?ns=docker.io`);
	answered(t, answer, 200);
	t.is(answer.header('oci-namespace'), 'docker.io');
});

specify('headers: a source that nobody here serves is not there', async (t, {image}) => {
	await image.pushImage('latest');
	for (const source of ['example.org', 'my_reg.example', '%5B::1%5D:5000']) {
		refused(t, await image.request('GET', `/manifests/latest?ns=${source}`), 404, 'NAME_UNKNOWN');
	}
});

specify('headers: a browser is told not to guess what a blob is', async (t, {image}) => {
	const {layer} = await image.pushImage('latest');
	const answer = await image.request('GET', `/blobs/${layer.digest}`);
	t.is(answer.header('x-content-type-options'), 'nosniff');
});
