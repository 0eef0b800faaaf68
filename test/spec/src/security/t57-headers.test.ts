import {connect} from 'node:net';
import {answered} from '../assertions.ts';
import {specification} from '../specification.ts';
import type {RunningRegistry} from '../start-registry.ts';

const specify = specification();

/** Sends bytes as they are and gives what comes back until the registry closes or has answered. */
async function exchange(registry: RunningRegistry, lines: readonly string[]): Promise<string> {
	const socket = connect(Number(new URL(registry.url).port), '127.0.0.1');
	socket.on('error', () => {});
	socket.end(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`, 'latin1');
	const received: Buffer[] = [];
	socket.on('data', bytes => received.push(bytes));
	await new Promise(resolve => socket.once('close', resolve));
	return Buffer.concat(received).toString('latin1');
}

const breaks = [
	'%0d%0aX-Injected:%20yes',
	'%0aX-Injected:%20yes',
	'%0d%0a%0d%0a<script>',
	'%E5%98%8A%E5%98%8DX-Injected:%20yes',
	'%c4%8d%c4%8aX-Injected:yes',
];

for (const attack of breaks) {
	specify(`T57: ${attack.slice(0, 24)} in a name becomes no header`, async (t, {client, image}) => {
		await image.pushImage('latest');
		const paths = [
			`/v2/docker-local/a${attack}/blobs/uploads/`,
			`${image.base}/manifests/${attack}`,
			`${image.base}/blobs/sha256:${attack}`,
			`${image.base}/tags/list?n=1&last=${attack}`,
			`${image.base}/tags/list?n=1${attack}`,
			`${image.base}/referrers/sha256:${'0'.repeat(64)}?artifactType=${attack}`,
			`${image.base}/manifests/latest?ns=${attack}`,
			`${image.base}/manifests/latest?tag=${attack}`,
			`/v2/_catalog?n=1&last=${attack}`,
			`/v2/token?service=${attack}&scope=${attack}`,
			`/v2${attack}/`,
			`/${attack}`,
		];
		for (const path of paths) {
			for (const method of ['GET', 'POST'] as const) {
				for (const spoken of [client, client.as({authorization: undefined})]) {
					const answer = await spoken.request(method, path);
					t.true(answer.status < 500, `${method} ${path} ${answer.status} ${answer.body.toString()}`);
					t.is(answer.header('x-injected'), undefined, path);
					for (const value of Object.values(answer.headers).flat()) {
						t.notRegex(value ?? '', /[\r\n\0]/);
					}
				}
			}
		}
	});
}

specify(
	'T57: a next page is written so that it can be asked for, whatever it goes on after',
	async (t, {client, image}) => {
		const {manifest} = await image.pushImage();
		for (const tag of ['a.b', 'a_b', 'a-b', 'zz']) {
			await image.pushManifest(manifest, tag);
		}
		for (const query of [
			'?n=1',
			'?n=1&last=a%20%3E%22',
			'?n=2&last=%2522',
			`?n=1&last=${encodeURIComponent('<>;rel="next"')}`,
		]) {
			const answer = await image.request('GET', `/tags/list${query}`);
			if (answer.status === 200 && answer.header('link') !== undefined) {
				const next = answer.next();
				t.truthy(next, answer.header('link'));
				answered(t, await client.request('GET', client.resolve(next ?? '', `${image.base}/tags/list`)), 200);
			} else {
				t.is(answer.status, 400);
			}
		}
	},
);

specify('T57: a Host that is none is refused, and never sent back as it came', async (t, {registry}) => {
	for (const host of [
		'evil"host',
		'a b',
		'<script>',
		'x'.repeat(3000),
		'evil.example/v2/token?',
		'user@evil.example',
		'evil.example\\',
		'',
	]) {
		const answer = await exchange(registry, ['GET /v2/ HTTP/1.1', `Host: ${host}`]);
		t.regex(answer, /^HTTP\/1\.1 4\d\d /, host);
		const realm = /realm="([^"]*)"/.exec(answer)?.[1];
		if (realm !== undefined) {
			t.notRegex(realm, /[<>\s\\]|evil\.example\/v2\/token\?|@/, host);
			t.true(URL.canParse(realm), realm);
		}
	}
});

specify('T57: what is not HTTP is no trouble', async (t, {registry, client}) => {
	for (const lines of [
		['GET /v2/ HTTP/1.1'],
		['GET /v2/ HTTP/1.1', 'Host: a', 'Host: b'],
		['GET http://evil.example/v2/ HTTP/1.1', 'Host: registry'],
		['POST /v2/docker-local/a/blobs/uploads/ HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Transfer-Encoding: chunked'],
		['POST /v2/docker-local/a/blobs/uploads/ HTTP/1.1', 'Host: a', 'Content-Length: -1'],
		['GET /v2/ HTTP/1.1', 'Host: a', 'Authorization: Basic\u0000'],
		['\u0016\u0003\u0001\u0002'],
		[`GET /${'a'.repeat(100_000)} HTTP/1.1`, 'Host: a'],
		['OPTIONS * HTTP/1.1', 'Host: a'],
		['TRACE /v2/ HTTP/1.1', 'Host: a', 'Authorization: secret'],
		['GET /v2/ HTTP/1.1', 'Host: a', ...Array.from({length: 5000}, (_, n) => `X-${n}: y`)],
	]) {
		const answer = await exchange(registry, lines);
		t.notRegex(answer, /^HTTP\/1\.1 5\d\d /, lines[0]);
		t.notRegex(answer, /Authorization: secret/);
	}
	answered(t, await client.request('GET', '/v2/'), 200);
});

specify('T57: a tag that was pushed comes back in OCI-Tag as one value', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	const answer = await image.putManifest(manifest, `${manifest.digest}?tag=a&tag=b%2cc`);
	t.is(answer.status, 400);
	answered(t, await image.putManifest(manifest, `${manifest.digest}?tag=a&tag=b`), 201);
});
