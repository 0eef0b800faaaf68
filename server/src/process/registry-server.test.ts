import {once} from 'node:events';
import {Agent, get, type IncomingMessage, request, type RequestListener} from 'node:http';
import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {createLog} from './log.ts';
import {RegistryServer} from './registry-server.ts';

const logger = createLog({level: 'error', readable: false, destination: {write: () => undefined}});
const anyPort = {host: '127.0.0.1', port: 0};

async function start(t: ExecutionContext, handler: RequestListener, idleTimeoutSeconds = 5) {
	const {promise: begun, resolve: begin} = Promise.withResolvers<void>();
	const noted: RequestListener = (incoming, response) => {
		begin();
		handler(incoming, response);
	};
	const server = await RegistryServer.listen({listen: [anyPort], handler: noted, idleTimeoutSeconds, logger});
	t.teardown(async () => server.stop({withinSeconds: 0}));
	const [{port} = anyPort] = server.addresses;
	/** `begun` resolves when the first request has reached the handler. */
	return {server, port, begun, url: `http://127.0.0.1:${port}`};
}

/** Reads the whole body and says how much it was; nothing when the client leaves. */
const count: RequestListener = (incoming, response) => {
	let bytes = 0;
	incoming.on('data', (piece: Buffer) => (bytes += piece.length));
	incoming.on('end', () => response.end(String(bytes)));
};

async function answerOf(url: string, agent?: Agent): Promise<IncomingMessage & {body: string}> {
	const [response] = (await once(get(url, {agent}), 'response')) as [IncomingMessage];
	return Object.assign(response, {body: await text(response)});
}

test('an upload that runs while the server stops comes to its end, and nobody new is let in', async t => {
	const {server, port, url, begun} = await start(t, count);
	const upload = request({port, method: 'PUT', host: '127.0.0.1'});
	upload.write('first');
	await begun;
	const stopping = server.stop({withinSeconds: 5});
	await wait(50);
	await t.throwsAsync(answerOf(url), {code: 'ECONNREFUSED'});
	upload.end('second');
	const [response] = (await once(upload, 'response')) as [IncomingMessage];
	t.is(await text(response), '11');
	t.is(response.headers.connection, 'close');
	await stopping;
});

test('a connection that waits for a next request does not hold up a stop', async t => {
	const {server, url} = await start(t, count);
	const agent = new Agent({keepAlive: true});
	t.teardown(() => agent.destroy());
	t.is((await answerOf(url, agent)).body, '0');
	const started = performance.now();
	await server.stop({withinSeconds: 5});
	t.true(performance.now() - started < 4000);
});

test('what has not ended in time is cut off', async t => {
	const {server, port, begun} = await start(t, count);
	const upload = request({port, method: 'PUT', host: '127.0.0.1'});
	upload.write('first');
	await begun;
	const started = performance.now();
	await Promise.all([t.throwsAsync(once(upload, 'response'), {code: 'ECONNRESET'}), server.stop({withinSeconds: 0.2})]);
	const took = performance.now() - started;
	t.true(took > 150 && took < 20_000, `${took} ms`);
});

test('a stop under way can be ended at once', async t => {
	const {server, port, begun} = await start(t, count);
	const upload = request({port, method: 'PUT', host: '127.0.0.1'});
	upload.write('first');
	await begun;
	const ended = t.throwsAsync(once(upload, 'response'), {code: 'ECONNRESET'});
	const stopping = server.stop({withinSeconds: 60});
	server.cut();
	await Promise.all([stopping, ended]);
});

test('the last bytes of an answer that is written already still reach a slow reader when the server stops', async t => {
	const body = Buffer.alloc(8 * 1024 * 1024, 'x');
	const {server, port} = await start(t, (_incoming, response) => response.end(body));
	const socket = connect(port, '127.0.0.1');
	socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	await once(socket, 'readable');
	await wait(50);
	const stopping = server.stop({withinSeconds: 5});
	let bytes = 0;
	for await (const piece of socket) {
		bytes += (piece as Buffer).length;
	}
	t.true(bytes > body.length);
	await stopping;
});

test('a client that stops sending is cut off', async t => {
	const {port} = await start(t, count, 0.2);
	const upload = request({port, method: 'PUT', host: '127.0.0.1'});
	upload.write('first');
	await t.throwsAsync(once(upload, 'response'), {code: 'ECONNRESET'});
});

test('a client that stops reading is cut off', async t => {
	const {promise, resolve} = Promise.withResolvers<boolean>();
	const {port} = await start(
		t,
		(_incoming, response) => {
			response.once('close', () => resolve(response.writableFinished));
			response.end(Buffer.alloc(64 * 1024 * 1024));
		},
		0.2,
	);
	const socket = connect(port, '127.0.0.1');
	t.teardown(() => socket.destroy());
	socket.on('error', () => undefined);
	socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	t.false(await promise);
});

test('a client is not cut off because the server takes its time', async t => {
	const {url} = await start(
		t,
		(_incoming, response) => {
			setTimeout(() => response.end('done'), 700);
		},
		0.2,
	);
	t.is((await answerOf(url)).body, 'done');
});

test('a slow upload that goes on is not cut off', async t => {
	const {port} = await start(t, count, 2);
	const upload = request({port, method: 'PUT', host: '127.0.0.1'});
	const answered = once(upload, 'response');
	for (let piece = 0; piece < 10; piece++) {
		upload.write('x');
		await wait(250);
	}
	upload.end();
	const [response] = (await answered) as [IncomingMessage];
	t.is(await text(response), '10');
});

test('who waits for "100 Continue" is answered by what was handed in for it', async t => {
	const server = await RegistryServer.listen({
		listen: [anyPort],
		handler: count,
		onCheckContinue: (_incoming, response) => response.writeHead(401).end(),
		idleTimeoutSeconds: 5,
		logger,
	});
	t.teardown(async () => server.stop({withinSeconds: 0}));
	const upload = request({
		port: server.addresses[0]?.port,
		host: '127.0.0.1',
		method: 'PUT',
		headers: {Expect: '100-continue'},
	});
	upload.flushHeaders();
	const [response] = (await once(upload, 'response')) as [IncomingMessage];
	t.is(response.statusCode, 401);
	upload.destroy();
});

test('who waits for "100 Continue" is told to go on where nothing was handed in for it', async t => {
	const {port} = await start(t, count);
	const upload = request({port, host: '127.0.0.1', method: 'PUT', headers: {Expect: '100-continue'}});
	upload.flushHeaders();
	await once(upload, 'continue');
	upload.end('body');
	const [response] = (await once(upload, 'response')) as [IncomingMessage];
	t.is(await text(response), '4');
});

test('an address that is taken is told, and no other one is listened on', async t => {
	const {port} = await start(t, count);
	const free = await start(t, count);
	await free.server.stop({withinSeconds: 0});
	const listen = [
		{host: '127.0.0.1', port: free.port},
		{host: '127.0.0.1', port},
	];
	await t.throwsAsync(RegistryServer.listen({listen, handler: count, idleTimeoutSeconds: 5, logger}), {
		code: 'EADDRINUSE',
		message: `cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port with --listen`,
	});
	await t.throwsAsync(answerOf(free.url), {code: 'ECONNREFUSED'});
});

test('all addresses are listened on', async t => {
	const server = await RegistryServer.listen({
		listen: [anyPort, anyPort],
		handler: count,
		idleTimeoutSeconds: 5,
		logger,
	});
	t.teardown(async () => server.stop({withinSeconds: 0}));
	t.is(server.addresses.length, 2);
	for (const {port} of server.addresses) {
		t.is((await answerOf(`http://127.0.0.1:${port}`)).statusCode, 200);
	}
});
