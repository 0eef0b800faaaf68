import {answered, refused} from './assertions.ts';
import {content, imageManifest, indexManifest, mediaTypes} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();
const mebibyte = 1024 * 1024;

async function* tooLong(): AsyncGenerator<Buffer> {
	const piece = Buffer.alloc(64 * 1024, ' ');
	for (let sent = 0; sent < 4 * mebibyte + 1; sent += piece.length) {
		yield piece;
	}
}

specify('end-7: a manifest of 4 MiB is stored, and read again', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	const bare = imageManifest({config, layers: [layer], more: {annotations: {fill: ''}}});
	const fill = 'x'.repeat(4 * mebibyte - bare.bytes.length);
	const manifest = imageManifest({config, layers: [layer], more: {annotations: {fill}}});
	t.is(manifest.bytes.length, 4 * mebibyte);
	answered(t, await image.putManifest(manifest, 'latest'), 201);
	const answer = await image.request('GET', '/manifests/latest');
	t.true(answer.body.equals(manifest.bytes));
	t.is(answer.header('docker-content-digest'), manifest.digest);
});

specify('end-7: a manifest above the limit is refused with 413', async (t, {image}) => {
	const bytes = Buffer.alloc(4 * mebibyte + 1, ' ');
	const answer = await image.putManifest(content(bytes, mediaTypes.image), 'latest');
	refused(t, answer, 413, 'MANIFEST_INVALID', 'SIZE_INVALID');
});

specify(
	'end-7: a manifest above the limit is refused with 413, of whatever length it does not say it is',
	async (t, {image}) => {
		const headers = {'content-type': mediaTypes.image};
		const answer = await image.request('PUT', '/manifests/latest', {headers, body: tooLong()});
		refused(t, answer, 413, 'MANIFEST_INVALID', 'SIZE_INVALID');
	},
);

const nonsense: readonly (readonly [what: string, body: string])[] = [
	['nothing', ''],
	['no JSON', 'hello'],
	['half a document', '{"schemaVersion":2,'],
	['two documents', '{}{}'],
	['a list', '[]'],
	['a number', '2'],
	['null', 'null'],
	['a string', '"manifest"'],
	['a byte order mark', `\uFEFF${imageManifest().bytes.toString()}`],
	['NaN', '{"schemaVersion":NaN}'],
	['another schema version', `{"schemaVersion":3,"mediaType":"${mediaTypes.image}","layers":[]}`],
	['a schema version in quotes', JSON.stringify({...JSON.parse(imageManifest().bytes.toString()), schemaVersion: '2'})],
	['layers that are no list', JSON.stringify({...JSON.parse(imageManifest().bytes.toString()), layers: {}})],
	['a layer that is null', JSON.stringify({...JSON.parse(imageManifest().bytes.toString()), layers: [null]})],
	[
		'annotations that are no strings',
		JSON.stringify({...JSON.parse(imageManifest().bytes.toString()), annotations: {a: 1}}),
	],
];
for (const [what, body] of nonsense) {
	specify(`end-7: a manifest that is ${what} is refused`, async (t, {image}) => {
		const {manifest: other} = await image.pushImage('before');
		await image.pushBlob(content('{}'));
		refused(t, await image.putManifest(content(body, mediaTypes.image), 'latest'), 400, 'MANIFEST_INVALID');
		answered(t, await image.request('HEAD', '/manifests/latest'), 404);
		answered(t, await image.request('HEAD', `/manifests/${other.digest}`), 200);
	});
}

const descriptors: readonly (readonly [what: string, change: object])[] = [
	['a digest that is none', {digest: 'sha256:../../../../etc/passwd'}],
	['no digest', {digest: undefined}],
	['a digest of an unknown algorithm', {digest: `sha999:${'a'.repeat(64)}`}],
	['a digest in capitals', {digest: `sha256:${'A'.repeat(64)}`}],
	['a digest that is a number', {digest: 5}],
	['a size below nothing', {size: -1}],
	['half a byte', {size: 1.5}],
	['a size in quotes', {size: '5'}],
	['a size beyond all numbers', {size: 1e300}],
	['no size', {size: undefined}],
	['a media type that is a list', {mediaType: ['a']}],
];
for (const [what, change] of descriptors) {
	specify(`end-7: a descriptor with ${what} is refused, in an image and in an index`, async (t, {image}) => {
		const {config, layer, manifest} = await image.pushImage();
		const changed = {...layer, descriptor: {...layer.descriptor, ...change}};
		const codes = ['MANIFEST_INVALID', 'DIGEST_INVALID', 'SIZE_INVALID'];
		refused(t, await image.putManifest(imageManifest({config, layers: [changed]}), 'a'), 400, ...codes);
		const index = indexManifest([{...manifest.descriptor, ...change}]);
		refused(t, await image.putManifest(index, 'b'), 400, ...codes);
	});
}

specify('end-7: a subject that is no descriptor is refused', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	for (const subject of ['text', {digest: 'sha256:abc', size: 1, mediaType: 'a/b'}, []]) {
		const manifest = imageManifest({config, layers: [layer], more: {subject}});
		refused(t, await image.putManifest(manifest, 'latest'), 400, 'MANIFEST_INVALID', 'DIGEST_INVALID');
	}
});

specify('end-7: a manifest for a repository that is not there is refused', async (t, {client}) => {
	const answer = await client.image('app', '/v2/no-such-repository').putManifest(imageManifest(), 'latest');
	refused(t, answer, 404, 'NAME_UNKNOWN');
});

specify('end-7: a manifest without Content-Type is known by the type that it names, or refused', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	const answer = await image.putManifest(manifest, 'latest', {'content-type': undefined});
	if (answer.status === 201) {
		t.is((await image.request('GET', '/manifests/latest')).header('content-type'), mediaTypes.image);
	} else {
		refused(t, answer, 400, 'MANIFEST_INVALID');
	}
});

specify('end-7: an index in place of an image, and an image in place of an index, are refused', async (t, {image}) => {
	const pushed = await image.pushImage();
	const index = indexManifest([pushed.manifest.descriptor]);
	refused(t, await image.putManifest({...index, mediaType: mediaTypes.image}, 'a'), 400, 'MANIFEST_INVALID');
	refused(t, await image.putManifest({...pushed.manifest, mediaType: mediaTypes.index}, 'b'), 400, 'MANIFEST_INVALID');
});
