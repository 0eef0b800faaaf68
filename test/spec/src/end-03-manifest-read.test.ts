import {answered, refused} from './assertions.ts';
import {content, digest, imageManifest, mediaTypes, randomContent} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();

specify('end-3: a manifest is answered byte for byte, by tag and by digest', async (t, {image}) => {
	const {manifest} = await image.pushImage('latest');
	for (const reference of ['latest', manifest.digest]) {
		const answer = await image.request('GET', `/manifests/${reference}`);
		answered(t, answer, 200);
		t.deepEqual(answer.body, manifest.bytes);
		t.is(answer.header('content-type'), mediaTypes.image);
		t.is(answer.header('content-length'), String(manifest.bytes.length));
		t.is(answer.header('docker-content-digest'), manifest.digest);
	}
});

specify('end-3: HEAD of a manifest has the headers of GET and no body', async (t, {image}) => {
	const {manifest} = await image.pushImage('latest');
	for (const reference of ['latest', manifest.digest]) {
		const answer = await image.request('HEAD', `/manifests/${reference}`);
		answered(t, answer, 200);
		t.is(answer.body.length, 0);
		t.is(answer.header('content-type'), mediaTypes.image);
		t.is(answer.header('content-length'), String(manifest.bytes.length));
		t.is(answer.header('docker-content-digest'), manifest.digest);
	}
});

specify('end-3: white space and the order of members are kept as pushed', async (t, {image}) => {
	const {config, layer} = await image.pushImage();
	const text = `\n{ "layers" : [${JSON.stringify(layer.descriptor)}],\t"é": "\\u00e9\u2028",
		"config":${JSON.stringify(config.descriptor)}, "mediaType": "${mediaTypes.image}", "schemaVersion": 2}\r\n`;
	const manifest = await image.pushManifest(content(text, mediaTypes.image), 'odd');
	const answer = await image.request('GET', '/manifests/odd');
	t.is(answer.body.toString(), text);
	t.is(answer.header('docker-content-digest'), manifest.digest);
});

const accepts = [
	undefined,
	'*/*',
	'application/*',
	`${mediaTypes.image}, */*`,
	`${mediaTypes.index};q=0.9, ${mediaTypes.image};q=0.5`,
	[mediaTypes.dockerImage, mediaTypes.dockerIndex, mediaTypes.image, mediaTypes.index],
	mediaTypes.dockerImage,
	'text/html',
	'no/such;;q=',
];
for (const accept of accepts) {
	specify(`end-3: a client that says Accept: ${String(accept)} gets what was pushed`, async (t, {image}) => {
		const {manifest} = await image.pushImage('latest');
		const answer = await image.request('GET', '/manifests/latest', {headers: {accept: accept as string}});
		answered(t, answer, 200);
		t.is(answer.header('content-type'), mediaTypes.image);
		t.deepEqual(answer.body, manifest.bytes);
	});
}

specify('end-3: who has the manifest already is told so instead of sent it', async (t, {image}) => {
	const {manifest} = await image.pushImage('latest');
	for (const reference of ['latest', manifest.digest]) {
		const path = `/manifests/${reference}`;
		const etag = (await image.request('GET', path)).need('etag');
		t.regex(etag, /^"[^"]+"$/);
		for (const [method, tag] of [
			['GET', etag],
			['HEAD', etag],
			['GET', `"other", W/${etag}`],
			['GET', '*'],
		] as const) {
			const answer = await image.request(method, path, {headers: {'if-none-match': tag}});
			answered(t, answer, 304);
			t.is(answer.body.length, 0);
			t.is(answer.header('docker-content-digest'), manifest.digest);
		}
		answered(t, await image.request('GET', path, {headers: {'if-none-match': '"other"'}}), 200);
	}
});

specify('end-3: a tag that was moved is not "not modified"', async (t, {image}) => {
	await image.pushImage('latest');
	const etag = (await image.request('GET', '/manifests/latest')).need('etag');
	const {manifest} = await image.pushImage('latest');
	const answer = await image.request('GET', '/manifests/latest', {headers: {'if-none-match': etag}});
	answered(t, answer, 200);
	t.is(answer.header('docker-content-digest'), manifest.digest);
});

specify('end-3: tags differ by case', async (t, {image}) => {
	const lower = await image.pushImage('v1');
	refused(t, await image.request('GET', '/manifests/V1'), 404, 'MANIFEST_UNKNOWN');
	const upper = await image.pushImage('V1');
	t.is((await image.request('HEAD', '/manifests/v1')).header('docker-content-digest'), lower.manifest.digest);
	t.is((await image.request('HEAD', '/manifests/V1')).header('docker-content-digest'), upper.manifest.digest);
});

specify('end-3: a manifest that was never pushed is unknown', async (t, {image}) => {
	await image.pushImage('latest');
	for (const reference of ['missing', randomContent().digest, randomContent(8, 'sha512').digest]) {
		refused(t, await image.request('GET', `/manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
		const head = await image.request('HEAD', `/manifests/${reference}`);
		answered(t, head, 404);
		t.is(head.body.length, 0);
	}
});

specify('end-3: an image that was never pushed is unknown', async (t, {image}) => {
	for (const reference of ['latest', randomContent().digest]) {
		const answer = await image.request('GET', `/manifests/${reference}`);
		refused(t, answer, 404, 'NAME_UNKNOWN', 'MANIFEST_UNKNOWN');
	}
});

specify('end-3: a blob is not a manifest of its image', async (t, {image}) => {
	const {layer} = await image.pushImage('latest');
	refused(t, await image.request('GET', `/manifests/${layer.digest}`), 404, 'MANIFEST_UNKNOWN');
});

specify('end-3: a manifest is read by the sha512 digest that it was pushed by', async (t, {image}) => {
	const {layer, config} = await image.pushImage();
	const manifest = imageManifest({config, layers: [layer], algorithm: 'sha512'});
	await image.pushManifest(manifest);
	for (const method of ['GET', 'HEAD'] as const) {
		const answer = await image.request(method, `/manifests/${manifest.digest}`);
		answered(t, answer, 200);
		t.is(answer.header('docker-content-digest'), manifest.digest);
	}
});

specify('end-3: the digest in the answer is that of the body', async (t, {image}) => {
	await image.pushImage('latest');
	const answer = await image.request('GET', '/manifests/latest');
	t.is(answer.header('docker-content-digest'), digest(answer.body));
});
