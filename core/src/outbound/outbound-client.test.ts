import {once} from 'node:events';
import {type RequestListener, createServer} from 'node:http';
import {type AddressInfo, type Socket, connect, createServer as createNetServer} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {OutboundClient, type OutboundClientOptions} from './outbound-client.ts';
import {OutboundError, type OutboundErrorCode} from './outbound-error.ts';

/** A server on the loopback interface; the URL names it by `localhost`. */
async function serve(t: ExecutionContext, listener: RequestListener): Promise<URL> {
	const server = createServer(listener).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

function openClient(t: ExecutionContext, options: Partial<OutboundClientOptions> = {}): OutboundClient {
	const client = new OutboundClient({
		origin: 'http://unused.invalid',
		connectTimeoutMs: 10_000,
		idleTimeoutMs: 10_000,
		retryDelayMs: 1,
		allowPrivateAddresses: true,
		...options,
	});
	t.teardown(() => client.close());
	return client;
}

const small = {maxBytes: 1_000, withinMs: 30_000};

async function refuses(t: ExecutionContext, code: OutboundErrorCode, work: Promise<unknown>): Promise<void> {
	const error = await t.throwsAsync(work, {instanceOf: OutboundError});
	t.is(error?.code, code, error?.message);
}

test('an answer comes as it was sent, and nobody is asked to compress it', async t => {
	const url = await serve(t, (request, response) => {
		t.is(request.headers['accept-encoding'], 'identity');
		response.setHeader('x-answer', 'yes').end(`body of ${request.url}`);
	});
	const answer = await openClient(t).fetch({method: 'GET', url: new URL('/a?b=c', url)}, small);
	t.deepEqual([answer.status, answer.headers['x-answer'], answer.bytes.toString()], [200, 'yes', 'body of /a?b=c']);
});

for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '[::ffff:127.0.0.1]', '0.0.0.0']) {
	test(`${host} is not connected to unless private addresses are allowed`, async t => {
		let asked = 0;
		const {port} = await serve(t, (_request, response) => response.end(String((asked += 1))));
		const client = openClient(t, {allowPrivateAddresses: false});
		await refuses(t, 'address-refused', client.fetch({method: 'GET', url: new URL(`http://${host}:${port}/`)}, small));
		t.is(asked, 0);
	});
}

test('a redirect to an address that is not allowed is not followed', async t => {
	const secret = await serve(t, (_request, response) => response.end('secret'));
	const url = await serve(t, (_request, response) =>
		response.writeHead(302, {location: `http://localhost:${secret.port}/latest/meta-data`}).end(),
	);
	const client = openClient(t, {allowPrivateAddresses: false, allowedAddresses: ['127.0.0.1']});
	t.is((await client.fetch({method: 'GET', url}, small)).bytes.toString(), 'secret');
	const metadata = await serve(t, (_request, response) =>
		response.writeHead(302, {location: 'http://169.254.169.254/latest/meta-data'}).end(),
	);
	await refuses(t, 'address-refused', client.fetch({method: 'GET', url: metadata}, small));
	const other = await serve(t, (_request, response) => response.writeHead(302, {location: 'file:///etc/passwd'}).end());
	await refuses(t, 'redirect-refused', client.fetch({method: 'GET', url: other}, small));
});

for (const authorizeRedirects of [false, true]) {
	test(`credentials ${authorizeRedirects ? 'go' : 'do not go'} to another host, and go with a redirect within one`, async t => {
		const seen: (string | undefined)[] = [];
		const other = await serve(t, (request, response) => {
			seen.push(request.headers.authorization);
			response.end();
		});
		const url = await serve(t, (request, response) => {
			seen.push(request.headers.authorization);
			response.writeHead(307, {location: request.url === '/' ? '/again' : other.href}).end();
		});
		const request = {method: 'GET', url, authorization: 'Basic c2VjcmV0', authorizeRedirects} as const;
		await openClient(t).fetch(request, small);
		t.deepEqual(seen, ['Basic c2VjcmV0', 'Basic c2VjcmV0', authorizeRedirects ? 'Basic c2VjcmV0' : undefined]);
	});
}

test('redirects that never end are given up', async t => {
	let asked = 0;
	const url = await serve(t, (_request, response) => response.writeHead(302, {location: `/${(asked += 1)}`}).end());
	await refuses(t, 'redirect-refused', openClient(t).fetch({method: 'GET', url}, small));
	t.is(asked, 9);
});

test('GET is tried again when a connection breaks or a server is just restarting, and POST is not', async t => {
	const failures = [503, 0, 502];
	let asked = 0;
	const url = await serve(t, (request, response) => {
		const failure = failures[asked++];
		if (failure === 0) {
			request.socket.destroy();
		} else {
			response.writeHead(failure ?? 200).end();
		}
	});
	const client = openClient(t, {retries: 3});
	t.is((await client.fetch({method: 'GET', url}, small)).status, 200);
	t.is(asked, 4);
	asked = 0;
	t.is((await client.fetch({method: 'POST', url}, small)).status, 503);
	t.is(asked, 1);
});

test('a server that says when to come again is not asked before', async t => {
	let asked = 0;
	const url = await serve(t, (_request, response) => {
		asked += 1;
		response.writeHead(503, {'retry-after': '30'}).end();
	});
	const answer = await openClient(t).fetch({method: 'GET', url}, small);
	t.deepEqual([answer.status, answer.headers['retry-after'], asked], [503, '30', 1]);
});

test('nobody at the address is told as such', async t => {
	const url = await serve(t, () => undefined);
	const gone = new URL(url);
	gone.port = String(await closedPort());
	await refuses(t, 'unreachable', openClient(t).fetch({method: 'GET', url: gone}, small));
});

test('what fails names the server that has not answered, which may be one that was redirected to', async t => {
	const gone = `http://127.0.0.1:${await closedPort()}`;
	const silent = await serve(
		t,
		(request, response) => request.url === '/some' && void response.writeHead(200).write('some'),
	);
	for (const {to, code, withinMs = 30_000, idleTimeoutMs = 10_000, retryDelayMs = 1} of [
		{to: `${gone}/`, code: 'unreachable'},
		{to: silent.href, code: 'timeout', idleTimeoutMs: 300},
		{to: silent.href, code: 'timeout', withinMs: 500},
		{to: `${silent.href}some`, code: 'timeout', withinMs: 500},
		// Ended while it waits for another try.
		{to: `${gone}/`, code: 'timeout', withinMs: 500, retryDelayMs: 10_000},
	]) {
		const client = openClient(t, {idleTimeoutMs, retryDelayMs});
		const url = await serve(t, (_request, response) => response.writeHead(307, {location: to}).end());
		const error = await t.throwsAsync(client.fetch({method: 'GET', url}, {maxBytes: 1_000, withinMs}));
		t.like(error, {code, origin: new URL(to).origin});
	}
});

test('a server that says nothing, or stops in the middle, or never ends, is given up', async t => {
	const client = openClient(t, {idleTimeoutMs: 300});
	const silent = await serve(t, () => undefined);
	await refuses(t, 'timeout', client.fetch({method: 'GET', url: silent}, small));
	const stopping = await serve(t, (_request, response) => void response.writeHead(200).write('some'));
	await refuses(t, 'timeout', client.fetch({method: 'GET', url: stopping}, small));
	const dripping = await serve(t, (_request, response) => {
		const timer = setInterval(() => response.write('.'), 20);
		response.once('close', () => clearInterval(timer));
	});
	await refuses(t, 'timeout', client.fetch({method: 'GET', url: dripping}, {maxBytes: 1_000, withinMs: 500}));
	await refuses(t, 'bad-answer', client.fetch({method: 'GET', url: dripping}, {maxBytes: 5, withinMs: 30_000}));
});

test('too many headers, and what is not HTTP, are refused', async t => {
	const client = openClient(t);
	const bomb = await serve(t, (_request, response) => response.writeHead(200, {'x-bomb': 'x'.repeat(60_000)}).end());
	await refuses(t, 'bad-answer', client.fetch({method: 'GET', url: bomb}, small));
	const server = createNetServer(socket => socket.end('220 smtp.example ESMTP\r\n\r\n')).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
	await refuses(t, 'bad-answer', client.fetch({method: 'GET', url}, small));
});

test('small answers do not wait for large ones', async t => {
	const url = await serve(t, (request, response) => {
		response.writeHead(200).write('some');
		if (request.url === '/small') {
			response.end();
		}
	});
	const client = openClient(t, {connections: 1});
	const large = await client.send({method: 'GET', url});
	const answer = await client.fetch({method: 'GET', url: new URL('/small', url)}, small);
	t.is(answer.bytes.toString(), 'some');
	large.body.destroy();
});

test('so many connections as allowed are used at a time, and each again and again', async t => {
	let [now, most] = [0, 0];
	const answers: (() => void)[] = [];
	const url = await serve(t, (_request, response) => {
		most = Math.max(most, ++now);
		answers.push(() => {
			now -= 1;
			response.end('some');
		});
		if (answers.length % 2 === 0) {
			for (const answer of answers.slice(-2)) {
				answer();
			}
		}
	});
	const client = openClient(t, {connections: 2});
	const asked = Array.from({length: 10}, async () => (await client.send({method: 'GET', url})).body.toArray());
	await Promise.all(asked);
	t.deepEqual([answers.length, most], [10, 2]);
});

test('who waits for a connection does so no longer than told, is never sent, and does not blame the server', async t => {
	const asked: string[] = [];
	const first = Promise.withResolvers<void>();
	const url = await serve(t, (request, response) => {
		asked.push(request.url ?? '');
		if (request.url === '/last') {
			response.end();
		}
		first.resolve();
	});
	const client = openClient(t, {connections: 1});
	const controller = new AbortController();
	const blocking = client.fetch({method: 'GET', url: new URL('/first', url), signal: controller.signal}, small);
	await first.promise;
	const waiting = client.fetch({method: 'GET', url: new URL('/second', url)}, {maxBytes: 1_000, withinMs: 100});
	await refuses(t, 'busy', waiting);
	controller.abort(new Error('enough'));
	await t.throwsAsync(blocking, {message: 'enough'});
	await client.fetch({method: 'GET', url: new URL('/last', url)}, small);
	t.deepEqual(asked, ['/first', '/last']);
});

test('an abort is given back as what it was', async t => {
	const url = await serve(t, () => undefined);
	const controller = new AbortController();
	const asked = openClient(t).fetch({method: 'GET', url, signal: controller.signal}, small);
	const reason = new Error('the client left');
	controller.abort(reason);
	t.is(await t.throwsAsync(asked), reason);
});

test('a proxy gets the requests and its own credentials, and does not take us to what is not allowed', async t => {
	const asked: string[] = [];
	const proxy = createServer().listen(0, '127.0.0.1');
	proxy.on('connect', (request, socket: Socket) => {
		asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
		const target = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			target.pipe(socket).pipe(target);
		});
		target.on('error', () => socket.destroy());
		socket.on('error', () => target.destroy());
	});
	await once(proxy, 'listening');
	t.teardown(() => proxy.close());
	const url = await serve(t, (request, response) => response.end(`${request.headers['proxy-authorization']}`));
	const {port} = proxy.address() as AddressInfo;
	const options = {proxy: {url: `http://127.0.0.1:${port}`, username: 'me', password: 'secret'}};
	const client = openClient(t, {...options, allowPrivateAddresses: false, allowedAddresses: ['127.0.0.1']});
	const answer = await client.fetch({method: 'GET', url}, small);
	t.is(answer.bytes.toString(), 'undefined');
	t.deepEqual(asked, [`127.0.0.1:${url.port} Basic bWU6c2VjcmV0`]);
	const metadata = new URL('http://169.254.169.254/');
	await refuses(t, 'address-refused', client.fetch({method: 'GET', url: metadata}, small));
	t.is(asked.length, 1);
});

async function closedPort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
