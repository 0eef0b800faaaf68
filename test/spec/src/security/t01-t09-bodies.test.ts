import {once} from 'node:events';
import {connect} from 'node:net';
import {deflateSync, gzipSync} from 'node:zlib';
import {answered, refused} from '../assertions.ts';
import {content, emptyContent, imageManifest, indexManifest, mediaTypes, randomContent} from '../content.ts';
import {specification} from '../specification.ts';

const specify = specification();
const hasty = specification({idleTimeoutSeconds: 1, uploads: {idleSeconds: 60}});
const mebibyte = 1024 * 1024;

specify('T01: of a manifest without end, the registry reads no more than its limit', async (t, {image}) => {
	let sent = 0;
	async function* endless() {
		const piece = Buffer.alloc(256 * 1024, ' ');
		for (; sent < 512 * mebibyte; sent += piece.length) {
			yield piece;
		}
	}
	const headers = {'content-type': mediaTypes.image};
	const answer = await image.request('PUT', '/manifests/latest', {headers, body: endless()}).catch(() => undefined);
	t.true([413, undefined].includes(answer?.status), `${answer?.status}`);
	t.true(sent < 64 * mebibyte, `${sent} bytes were taken`);
	answered(t, await image.client.request('GET', '/v2/'), 200);
});

specify('T01: a manifest that says that it is too long is refused before it is sent', async (t, {registry, image}) => {
	const socket = connect(Number(new URL(registry.url).port), '127.0.0.1');
	t.teardown(() => socket.destroy());
	const lines = [
		`PUT ${image.base}/manifests/latest HTTP/1.1`,
		'Host: registry',
		`Authorization: ${image.client.options.authorization}`,
		`Content-Type: ${mediaTypes.image}`,
		`Content-Length: ${100 * mebibyte}`,
	];
	socket.write(`${lines.join('\r\n')}\r\n\r\n{`);
	const [first] = (await once(socket, 'data')) as [Buffer];
	t.regex(first.toString(), /^HTTP\/1\.1 413 /);
});

for (const [what, last] of [
	['control characters', '%01%02%0a%0d'],
	['a NUL', 'a%00b'],
	['5000 characters', 'a'.repeat(5000)],
	['wild cards of a database', '%25_%25'],
	['a quote', "'%20OR%201=1--"],
	['half a character', '%E0%A4'],
] as const) {
	specify(`T03: a list that goes on after ${what} is a list, or refused`, async (t, {client, image}) => {
		await image.pushImage('zzz');
		for (const path of [
			`${image.base}/tags/list`,
			'/v2/_catalog',
			`${image.base}/referrers/${randomContent().digest}`,
		]) {
			const answer = await client.request('GET', `${path}?n=5&last=${last}`);
			t.true([200, 400, 414].includes(answer.status), `${path} ${answer.status} ${answer.body.toString()}`);
		}
	});
}

specify('T04: thousands of scopes are refused', async (t, {client}) => {
	const scopes = Array.from({length: 300}, (_, index) => `scope=repository:docker-local/i${index}:pull`);
	refused(t, await client.request('GET', `/v2/token?service=s&${scopes.join('&')}`), [400, 414, 431], 'UNSUPPORTED');
});

const image = imageManifest().bytes.toString();
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const documents: readonly (readonly [what: string, body: () => string, status: 201 | 400])[] = [
	['is 10,000 levels deep', () => image.replace('{', `{"x":${deep(10_000)},`), 400],
	['is 1,000,000 levels deep', () => image.replace('{', `{"x":${deep(1_000_000)},`), 400],
	[
		'has 300,000 keys',
		() => image.replace('{', `{${Array.from({length: 300_000}, (_, n) => `"${n}":0,`).join('')}`),
		201,
	],
	['says its type twice', () => image.replace('{', `{"mediaType":"${mediaTypes.index}",`), 201],
	['has half of a surrogate pair', () => image.replace('{', '{"annotations":{"a":"\\ud800"},'), 201],
	['has a NUL', () => image.replace('{', '{"annotations":{"a\\u0000":"\\u0000"},'), 201],
	[
		'sets __proto__',
		() => image.replace('{', '{"__proto__":{"layers":[],"isAdmin":true},"constructor":{"prototype":{}},'),
		201,
	],
	[
		'has annotations named __proto__',
		() => image.replace('{', '{"annotations":{"__proto__":"x","constructor":"y","toString":"z"},'),
		201,
	],
	['has a number beyond all numbers', () => image.replace('"schemaVersion":2', '"schemaVersion":1e999'), 400],
];
for (const [what, body, status] of documents) {
	specify(
		`T05: a manifest that ${what} is ${status === 201 ? 'taken as it is' : 'refused'}, and harms nobody`,
		async (t, {image}) => {
			await image.pushBlob(emptyContent);
			const pushed = content(body(), mediaTypes.image);
			const answer = await image.putManifest(pushed, 'latest');
			answered(t, answer, status);
			if (status === 201) {
				t.true((await image.request('GET', '/manifests/latest')).body.equals(pushed.bytes));
			} else {
				refused(t, answer, 400, 'MANIFEST_INVALID');
			}
			t.is(({} as {isAdmin?: boolean}).isAdmin, undefined);
			answered(t, await image.client.request('GET', '/v2/'), 200);
		},
	);
}

specify('T05: what refers under the name __proto__ is told as it was said', async (t, {image}) => {
	await image.pushBlob(emptyContent);
	const subject = randomContent();
	const more = JSON.parse(
		`{"subject":${JSON.stringify(subject.descriptor)},"annotations":{"__proto__":"x","a":"b"}}`,
	) as object;
	answered(t, await image.putManifest(imageManifest({more})), 201);
	const found = await image.request('GET', `/referrers/${subject.digest}`);
	t.true(found.body.toString().includes('"annotations":{"__proto__":"x","a":"b"}'));
});

specify('T07: a manifest of 10,000 layers is stored', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	await image.pushBlob(emptyContent);
	const answer = await image.putManifest(imageManifest({layers: Array.from({length: 10_000}, () => blob)}), 'latest');
	answered(t, answer, 201);
});

specify(
	'T07: a manifest that names 10,000 missing blobs is refused with an answer of moderate size',
	async (t, {image}) => {
		const layers = Array.from({length: 10_000}, (_, index) => content(`${image.name}${index}`));
		await image.pushBlob(emptyContent);
		const answer = await image.putManifest(imageManifest({layers}), 'latest');
		refused(t, answer, 400, 'MANIFEST_BLOB_UNKNOWN');
		t.true(answer.body.length < 4 * mebibyte, `${answer.body.length}`);
	},
);

specify('T07: an index of 2,000 entries and a tower of 50 indexes are stored', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	const wide = indexManifest(
		Array.from({length: 2000}, (_, n) => ({...manifest.descriptor, annotations: {n: `${n}`}})),
	);
	answered(t, await image.putManifest(wide, 'wide'), 201);
	let top = manifest;
	for (let level = 0; level < 50; level++) {
		top = await image.pushManifest(indexManifest([top.descriptor], {annotations: {level: `${level}`}}));
	}
	answered(t, await image.request('GET', `/manifests/${top.digest}`), 200);
});

hasty('T08: an upload on which nothing moves is cut, and can be continued', async (t, {registry, image}) => {
	const upload = await image.startUpload();
	const socket = connect(Number(new URL(registry.url).port), '127.0.0.1');
	t.teardown(() => socket.destroy());
	const lines = [
		`PATCH ${upload} HTTP/1.1`,
		'Host: registry',
		`Authorization: ${image.client.options.authorization}`,
		'Content-Length: 1000000',
	];
	socket.on('error', () => {});
	socket.resume();
	socket.write(`${lines.join('\r\n')}\r\n\r\nhello`);
	const begun = Date.now();
	await new Promise(resolve => socket.once('close', resolve));
	t.true(Date.now() - begun < 60_000);
	const status = await image.client.request('GET', upload);
	answered(t, status, 204);
});

for (const [encoding, compress] of [
	['gzip', gzipSync],
	['deflate', deflateSync],
] as const) {
	specify(`T09: a manifest packed with ${encoding} is not unpacked`, async (t, {image}) => {
		const {manifest} = await image.pushImage();
		const bomb = compress(Buffer.alloc(20 * mebibyte, ' '));
		for (const bytes of [bomb, compress(manifest.bytes)]) {
			const answer = await image.putManifest({...manifest, bytes}, 'latest', {'content-encoding': encoding});
			refused(t, answer, [400, 413, 415], 'MANIFEST_INVALID', 'UNSUPPORTED', 'SIZE_INVALID');
		}
	});
}

specify('T09: a blob that says it is packed is kept as it came, or refused', async (t, {image}) => {
	const blob = content(gzipSync(Buffer.alloc(mebibyte)));
	const headers = {'content-encoding': 'gzip', 'content-type': 'application/octet-stream'};
	const answer = await image.finish(await image.startUpload(), blob.digest, blob.bytes, headers);
	if (answer.status === 201) {
		t.true((await image.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
	} else {
		refused(t, answer, [400, 415], 'UNSUPPORTED', 'DIGEST_INVALID');
	}
});
