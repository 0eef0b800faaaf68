import {answered, refused} from '../assertions.ts';
import {content, digest, imageManifest, indexManifest, mediaTypes, randomContent} from '../content.ts';
import {octets} from '../image-client.ts';
import {specification} from '../specification.ts';

const specify = specification();

specify('T10: a document that is an image and an index at once is refused as either', async (t, {image}) => {
	const {config, layer, manifest} = await image.pushImage();
	for (const mediaType of [mediaTypes.image, mediaTypes.index, mediaTypes.dockerImage, mediaTypes.dockerIndex]) {
		const both = imageManifest({config, layers: [layer], more: {mediaType, manifests: [manifest.descriptor]}});
		refused(t, await image.putManifest(both, 'both'), 400, 'MANIFEST_INVALID');
		const unnamed = {...both, bytes: Buffer.from(both.bytes.toString().replace(/"mediaType":"[^"]*",/, ''))};
		refused(t, await image.putManifest({...unnamed, mediaType}, 'both'), 400, 'MANIFEST_INVALID');
	}
	answered(t, await image.request('HEAD', '/manifests/both'), 404);
});

for (const [said, named] of [
	[mediaTypes.index, mediaTypes.image],
	[mediaTypes.dockerImage, mediaTypes.image],
	[mediaTypes.image, mediaTypes.dockerImage],
	['application/vnd.example.other+json', mediaTypes.image],
	['text/html', mediaTypes.image],
] as const) {
	specify(`T10: a manifest sent as ${said} that calls itself ${named} is refused`, async (t, {image}) => {
		const {config, layer} = await image.pushImage();
		const manifest = imageManifest({config, layers: [layer], more: {mediaType: named}});
		refused(t, await image.putManifest({...manifest, mediaType: said}, 'latest'), [400, 415], 'MANIFEST_INVALID');
		answered(t, await image.request('HEAD', '/manifests/latest'), 404);
	});
}

specify('T10: parameters of a media type are not kept', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	for (const type of [`${mediaTypes.image}; charset=utf-8`, `${mediaTypes.image};x="y"`]) {
		const answer = await image.putManifest({...manifest, mediaType: type}, 'latest');
		if (answer.status === 201) {
			t.is((await image.request('GET', '/manifests/latest')).header('content-type'), mediaTypes.image);
		} else {
			refused(t, answer, [400, 415], 'MANIFEST_INVALID');
		}
	}
});

specify('T10: what cannot be a media type is refused', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	const body = {schemaVersion: 2, config: config.descriptor, layers: [layer.descriptor]};
	for (const type of [
		'nonsense',
		'a/b/c',
		`application/${'x'.repeat(1000)}`,
		'/',
		'text/html',
		'multipart/form-data',
	]) {
		const answer = await image.putManifest({...content(JSON.stringify(body)), mediaType: type}, 'latest');
		if (answer.status !== 201) {
			refused(t, answer, [400, 415], 'MANIFEST_INVALID', 'UNSUPPORTED');
		}
		t.false(type === 'text/html' && answer.status === 201, 'a manifest must not be a page');
	}
});

const digests = [
	`sha256:${'A'.repeat(64)}`,
	`sha256:${'a'.repeat(63)}`,
	`sha256:${'a'.repeat(65)}`,
	`SHA256:${'a'.repeat(64)}`,
	'sha256:',
	`:${'a'.repeat(64)}`,
	`sha512:${'a'.repeat(64)}`,
	`sha256:${'a'.repeat(128)}`,
	`sha1:${'a'.repeat(40)}`,
	`constructor:${'a'.repeat(64)}`,
	`__proto__:${'a'.repeat(64)}`,
	`sha256:${'a'.repeat(62)}%0a`,
	'sha256:..%2f..%2f..%2fetc%2fpasswd',
	`sha256:${'a'.repeat(64)}%00`,
	`sha256+b64:${'a'.repeat(64)}`,
	`sha256:${'a'.repeat(64)}:x`,
];
for (const [position, bad] of digests.entries()) {
	specify(
		`T11: ${position + 1}. ${bad.slice(0, 30)} (${bad.length} characters) is no digest anywhere`,
		async (t, {image}) => {
			const {manifest} = await image.pushImage('latest');
			const codes = [
				'DIGEST_INVALID',
				'TAG_INVALID',
				'NAME_INVALID',
				'NAME_UNKNOWN',
				'MANIFEST_UNKNOWN',
				'BLOB_UNKNOWN',
				'MANIFEST_INVALID',
			];
			for (const [method, path] of [
				['GET', `/blobs/${bad}`],
				['DELETE', `/blobs/${bad}`],
				['GET', `/manifests/${bad}`],
				['DELETE', `/manifests/${bad}`],
				['GET', `/referrers/${bad}`],
			] as const) {
				refused(t, await image.request(method, path), [400, 404], ...codes);
			}
			refused(t, await image.putManifest(manifest, bad), [400, 404], ...codes);
			const post = await image.request('POST', `/blobs/uploads/?digest=${bad}`, {headers: octets, body: 'x'});
			refused(t, post, 400, 'DIGEST_INVALID');
			refused(t, await image.finish(await image.startUpload(), bad, 'x'), 400, 'DIGEST_INVALID');
			const mount = await image.request('POST', `/blobs/uploads/?mount=${bad}&from=${image.name}`);
			t.true([202, 400].includes(mount.status), String(mount.status));
		},
	);
}

specify('T11: the digest in an answer is always that of the bytes in it', async (t, {image}) => {
	const {manifest, layer, config} = await image.pushImage('latest');
	const long = await image.pushBlob(randomContent(300, 'sha512'));
	for (const path of [
		'/manifests/latest',
		`/manifests/${manifest.digest}`,
		`/blobs/${layer.digest}`,
		`/blobs/${config.digest}`,
	]) {
		const answer = await image.request('GET', path);
		t.is(answer.header('docker-content-digest'), digest(answer.body));
	}
	const answer = await image.request('GET', `/blobs/${long.digest}`);
	t.is(answer.header('docker-content-digest'), digest(answer.body, 'sha512'));
});

specify('T12: a wrong digest stores nothing, by whatever way it comes', async (t, {image}) => {
	const [said, sent] = [randomContent(50), randomContent(50)];
	const ways = [
		image.request('POST', `/blobs/uploads/?digest=${said.digest}`, {headers: octets, body: sent.bytes}),
		image.finish(await image.startUpload(), said.digest, sent.bytes),
		image.finish(await image.append(await image.startUpload(), sent.bytes), said.digest),
		image.finish(
			await image.append(await image.startUpload(), sent.bytes.subarray(1)),
			said.digest,
			sent.bytes.subarray(0, 1),
		),
	];
	for (const answer of await Promise.all(ways)) {
		refused(t, answer, 400, 'DIGEST_INVALID');
	}
	for (const name of [said.digest, sent.digest]) {
		answered(t, await image.request('HEAD', `/blobs/${name}`), 404);
	}
	refused(t, await image.putManifest(indexManifest([]), randomContent().digest), 400, 'DIGEST_INVALID');
});
