import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import test, {type ExecutionContext} from 'ava';
import {FaultProxy} from './fault-proxy.ts';

const answer = 'x'.repeat(100_000);

/** A server that answers with many bytes or tells how many it got, behind a proxy. */
async function behindProxy(t: ExecutionContext): Promise<{proxy: FaultProxy; url: string}> {
	const server = createServer((request, response) => {
		if (request.method === 'GET') {
			response.end(answer);
			return;
		}
		text(request).then(
			body => response.end(String(body.length)),
			() => response.destroy(),
		);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const proxy = await FaultProxy.start({host: '127.0.0.1', port: (server.address() as AddressInfo).port});
	t.teardown(async () => {
		await proxy.close();
		server.closeAllConnections();
		server.close();
	});
	return {proxy, url: `http://127.0.0.1:${proxy.port}/`};
}

async function get(url: string): Promise<string> {
	const response = await fetch(url);
	return response.text();
}

test('bytes get through as they are when nothing is planned', async t => {
	const {proxy, url} = await behindProxy(t);
	t.is(await get(url), answer);
	t.is(await (await fetch(url, {method: 'PUT', body: answer})).text(), '100000');
	t.is(proxy.happened, 0);
});

test('a connection is cut as often as planned, in the middle of a body', async t => {
	const {proxy, url} = await behindProxy(t);
	proxy.plan({kind: 'cut', direction: 'down', after: 50_000, times: 2});
	await t.throwsAsync(get(url));
	await t.throwsAsync(get(url));
	t.is(await get(url), answer);
	proxy.plan({kind: 'cut', direction: 'up', after: 50_000});
	await t.throwsAsync(fetch(url, {method: 'PUT', body: answer}));
	t.is(proxy.happened, 3);
});

test('a connection that stalls stays open and gives nothing more', async t => {
	const {proxy, url} = await behindProxy(t);
	proxy.plan({kind: 'stall', direction: 'down', after: 50_000});
	const response = await fetch(url, {signal: AbortSignal.timeout(1500)});
	t.is(response.status, 200);
	await t.throwsAsync(response.text(), {name: 'TimeoutError'});
	t.is(await get(url), answer);
});

test('requests are refused as often as planned', async t => {
	const {proxy, url} = await behindProxy(t);
	proxy.refuse(503, 2);
	const statuses = [];
	for (const body of [undefined, answer, undefined]) {
		const response = await fetch(url, {method: body === undefined ? 'GET' : 'PUT', body});
		statuses.push(response.status);
		await response.text();
	}
	t.deepEqual(statuses, [503, 503, 200]);
});

test('a server that went down takes no connections until it is back, at the same port', async t => {
	const {proxy, url} = await behindProxy(t);
	t.is(await get(url), answer);
	await proxy.goDown();
	await t.throwsAsync(get(url));
	await proxy.comeBack();
	t.is(await get(url), answer);
});

test('latency makes an answer late', async t => {
	const {proxy, url} = await behindProxy(t);
	proxy.latency = 100;
	const started = performance.now();
	t.is(await get(url), answer);
	t.true(performance.now() - started >= 200);
});
