import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {type RequestListener, createServer as createPlainServer} from 'node:http';
import {createServer} from 'node:https';
import {type AddressInfo, type Socket, connect} from 'node:net';
import type {TLSSocket} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {OutboundClient, type OutboundClientOptions} from './outbound-client.ts';
import {OutboundError} from './outbound-error.ts';

const pem = (name: string) => readFile(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const small = {maxBytes: 1_000, withinMs: 30_000};

/** A server that says who its client is, by the name in his certificate. */
async function serve(t: ExecutionContext, answer?: RequestListener): Promise<URL> {
	const options = {
		cert: await pem('server.crt'),
		key: await pem('server.key'),
		ca: await pem('client.crt'),
		requestCert: true,
		rejectUnauthorized: false,
	};
	const server = createServer(options, (request, response) => {
		if (answer !== undefined) {
			answer(request, response);
			return;
		}
		const socket = request.socket as TLSSocket;
		const name = socket.getPeerCertificate()?.subject?.CN ?? 'nobody';
		response.end(socket.authorized ? name : 'nobody');
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

async function openClient(t: ExecutionContext, origin: string, options: Partial<OutboundClientOptions> = {}) {
	const client = new OutboundClient({
		origin,
		connectTimeoutMs: 10_000,
		idleTimeoutMs: 10_000,
		retries: 0,
		allowPrivateAddresses: true,
		ca: await pem('server.crt'),
		certificate: await pem('client.crt'),
		key: await pem('client.key'),
		...options,
	});
	t.teardown(() => client.close());
	return client;
}

test('a server whose authority is trusted is asked, and another one is not', async t => {
	const url = await serve(t);
	const client = await openClient(t, url.origin);
	t.is((await client.fetch({method: 'GET', url}, small)).bytes.toString(), 'client');
	const strict = await openClient(t, url.origin, {ca: undefined});
	const error = await t.throwsAsync(strict.fetch({method: 'GET', url}, small), {instanceOf: OutboundError});
	t.is(error?.code, 'unreachable');
});

test('the client certificate is shown to the upstream only', async t => {
	const other = await serve(t);
	const url = await serve(t, (_request, response) => response.writeHead(307, {location: other.href}).end());
	const client = await openClient(t, url.origin);
	t.is((await client.fetch({method: 'GET', url}, small)).bytes.toString(), 'nobody');
});

test('a redirect that gives up encryption is not followed', async t => {
	const url = await serve(t, (_request, response) => response.writeHead(307, {location: 'http://127.0.0.1:1/'}).end());
	const client = await openClient(t, url.origin);
	const error = await t.throwsAsync(client.fetch({method: 'GET', url}, small), {instanceOf: OutboundError});
	t.is(error?.code, 'redirect-refused');
});

test('a proxy passes on what is encrypted between us and the server', async t => {
	const url = await serve(t);
	let asked = 0;
	const proxy = createPlainServer().listen(0, '127.0.0.1');
	proxy.on('connect', (_request, socket: Socket) => {
		asked += 1;
		const target = connect(Number(url.port), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			target.pipe(socket).pipe(target);
		});
		target.on('error', () => socket.destroy());
		socket.on('error', () => target.destroy());
	});
	await once(proxy, 'listening');
	t.teardown(() => {
		proxy.close();
	});
	const {port} = proxy.address() as AddressInfo;
	const client = await openClient(t, url.origin, {proxy: {url: `http://127.0.0.1:${port}`}});
	t.is((await client.fetch({method: 'GET', url}, small)).bytes.toString(), 'client');
	t.is(asked, 1);
});
