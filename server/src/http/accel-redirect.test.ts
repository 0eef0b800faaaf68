import {Readable} from 'node:stream';
import {type Repository, digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {type StartAppOptions, startApp} from './fixtures/start-app.ts';

const bytes = Buffer.from('the bytes of a blob');
const digest = digestOf(bytes);

/** A registry whose only blob is in this file. */
async function start(t: ExecutionContext, path: string, configuration: StartAppOptions['configuration']) {
	const repository = {
		key: 'files',
		type: 'local',
		openBlob: async (_image: unknown, _digest: unknown, {range}: {range?: (size: number) => object | undefined}) => {
			range?.(bytes.length);
			return {kind: 'file', size: bytes.length, path, open: async () => Readable.from([bytes])};
		},
		findBlob: async () => ({descriptor: {size: bytes.length}}),
	} as unknown as Repository;
	const repositories = {find: () => undefined, keys: async () => ['files'], get: async () => repository};
	const app = await startApp({configuration, parts: {repositories}});
	t.teardown(() => app.stop());
	return (headers: Record<string, string> = {}, method = 'GET') =>
		fetch(`${app.url}/v2/files/a/blobs/${digest}`, {
			method,
			headers: {authorization: app.admin, 'x-sendfile-type': 'X-Accel-Redirect', ...headers},
		});
}

const accelRedirect = {header: 'X-Accel-Redirect', prefix: '/files', folder: '/var/lib/stowage'};
const trustedProxies = ['127.0.0.1/32'];

test('a trusted proxy is told where the file is, with all that the client shall see', async t => {
	const ask = await start(t, '/var/lib/stowage/blobs/a b/x', {accelRedirect, trustedProxies});
	const answer = await ask();
	t.is(answer.status, 200);
	t.is(answer.headers.get('x-accel-redirect'), '/files/blobs/a%20b/x');
	t.is(answer.headers.get('docker-content-digest'), digest);
	t.is(answer.headers.get('etag'), `"${digest}"`);
	t.is(await answer.text(), '');
});

test('a part is left to the proxy too, and one that is not there is refused here', async t => {
	const ask = await start(t, '/var/lib/stowage/x', {accelRedirect, trustedProxies});
	t.is((await ask({range: 'bytes=0-3'})).headers.get('x-accel-redirect'), '/files/x');
	t.is((await ask({range: 'bytes=900-'})).status, 416);
	const head = await ask({}, 'HEAD');
	t.is(head.headers.get('content-length'), String(bytes.length));
	t.is(head.headers.get('x-accel-redirect'), null);
});

for (const [what, path, configuration] of [
	['who is no trusted proxy', '/var/lib/stowage/x', {accelRedirect, trustedProxies: ['192.0.2.1']}],
	['a proxy when nothing is configured', '/var/lib/stowage/x', {trustedProxies}],
	['a proxy that does not serve the folder', '/var/lib/stowage-other/x', {accelRedirect, trustedProxies}],
	['a proxy that serves another folder below the same', '/var/lib/x', {accelRedirect, trustedProxies}],
] as const) {
	test(`${what} gets the bytes`, async t => {
		const answer = await (await start(t, path, configuration))();
		t.is(answer.headers.get('x-accel-redirect'), null);
		t.is(await answer.text(), bytes.toString());
	});
}

for (const said of ['', 'X-Sendfile']) {
	test(`a trusted proxy that does not know the header (${said || 'nothing said'}) gets the bytes`, async t => {
		const ask = await start(t, '/var/lib/stowage/x', {accelRedirect, trustedProxies});
		const answer = await ask({'x-sendfile-type': said});
		t.is(await answer.text(), bytes.toString());
	});
}
