import {once} from 'node:events';
import {connect} from 'node:net';
import {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {type Repository, digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {createRouteTables} from './app.ts';
import {type StartAppOptions, type StartedApp, silentLogger, startApp} from './fixtures/start-app.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const uploads = '/v2/docker-local/team/app/blobs/uploads/';

async function start(t: ExecutionContext, options?: StartAppOptions): Promise<StartedApp> {
	const app = await startApp(options);
	t.teardown(() => app.stop());
	return app;
}

/** Sends text as it is and gives all that comes back until the server ends the connection. */
async function send(app: StartedApp, ...lines: readonly string[]): Promise<string> {
	const socket = connect(app.port, '127.0.0.1');
	socket.write(lines.join('\r\n'));
	return text(socket);
}

async function* bytesOf(pieces: readonly (string | Error)[]): AsyncGenerator<Buffer, void> {
	for (const piece of pieces) {
		if (piece instanceof Error) {
			throw piece;
		}
		yield Buffer.from(piece);
	}
}

test('who may not push is told before sending the body, on a connection that then ends', async t => {
	const app = await start(t);
	const answer = await send(
		app,
		`PUT /v2/docker-local/team/app/manifests/v1 HTTP/1.1`,
		`Host: registry`,
		`Content-Length: 1000`,
		`Expect: 100-continue`,
		'',
		'',
	);
	t.regex(answer, /^HTTP\/1\.1 401 /);
	t.regex(answer, /\r\nConnection: close\r\n/i);
	t.notRegex(answer, /100 Continue/);
});

test('what is too large is refused before it is sent', async t => {
	const app = await start(t);
	const answer = await send(
		app,
		`PUT /v2/docker-local/team/app/manifests/v1 HTTP/1.1`,
		`Host: registry`,
		`Authorization: ${app.admin}`,
		`Content-Type: ${manifestType}`,
		`Content-Length: 4194305`,
		`Expect: 100-continue`,
		'',
		'',
	);
	t.regex(answer, /^HTTP\/1\.1 413 /);
});

test('who may push is told to go on', async t => {
	const app = await start(t);
	const answer = await send(
		app,
		`POST ${uploads}?digest=${digestOf(Buffer.from('hello'))} HTTP/1.1`,
		`Host: registry`,
		`Authorization: ${app.admin}`,
		`Content-Length: 5`,
		`Expect: 100-continue`,
		`Connection: close`,
		'',
		'hello',
	);
	t.regex(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
});

test('a blob whose sender breaks off is not there, and what came of an upload can be gone on with', async t => {
	const app = await start(t);
	const headers = {authorization: app.admin};
	const started = await fetch(app.url + uploads, {method: 'POST', headers});
	const location = started.headers.get('location') ?? '';
	const socket = connect(app.port, '127.0.0.1');
	const head = [`PATCH ${location} HTTP/1.1`, 'Host: r', `Authorization: ${app.admin}`, 'Content-Length: 100'];
	socket.write([...head, 'Expect: 100-continue', '', ''].join('\r\n'));
	await once(socket, 'data');
	socket.write('hello');
	await new Promise(resolve => setTimeout(resolve, 300));
	socket.destroy();
	await once(socket, 'close');
	const ranges: (string | null)[] = [];
	for (let round = 0; round < 50 && ranges.at(-1) !== '0-4'; round += 1) {
		await new Promise(resolve => setTimeout(resolve, 20));
		ranges.push((await fetch(app.url + location, {headers})).headers.get('range'));
	}
	t.is(ranges.at(-1), '0-4');
	const finished = await fetch(`${app.url}${location}?digest=${digestOf(Buffer.from('hello'))}`, {
		method: 'PUT',
		headers,
	});
	t.is(finished.status, 201);
});

test('a manifest whose sender breaks off is not stored', async t => {
	const app = await start(t);
	const socket = connect(app.port, '127.0.0.1');
	const path = '/v2/docker-local/team/app/manifests/v1';
	const head = [`PUT ${path} HTTP/1.1`, 'Host: r', `Authorization: ${app.admin}`, `Content-Type: ${manifestType}`];
	socket.write(`${[...head, 'Content-Length: 100', '', ''].join('\r\n')}{}`);
	await new Promise(resolve => setTimeout(resolve, 50));
	socket.destroy();
	await once(socket, 'close');
	t.is((await fetch(app.url + path, {headers: {authorization: app.admin}})).status, 404);
});

for (const [what, pieces] of [
	['ends too soon', ['hel']],
	['has too much', ['hello', 'hello']],
	['breaks', ['hel', new Error('disk gone')]],
] as const) {
	test(`a blob that ${what} in its storage breaks the connection`, async t => {
		const repository = {
			key: 'broken',
			type: 'local',
			openBlob: async () => ({kind: 'bytes', size: 5, body: Readable.from(bytesOf(pieces), {objectMode: false})}),
		} as unknown as Repository;
		const repositories = {find: () => undefined, keys: async () => ['broken'], get: async () => repository};
		const warnings: string[] = [];
		const logger = {...silentLogger, warn: (_fields: object, message: string) => warnings.push(message)};
		const app = await start(t, {logger, parts: {repositories, logger}});
		const url = `${app.url}/v2/broken/a/blobs/${digestOf(Buffer.from('hello'))}`;
		const response = await fetch(url, {headers: {authorization: app.admin}}).catch(() => undefined);
		if (response !== undefined) {
			await t.throwsAsync(response.text());
		}
		t.deepEqual(warnings, ['answer broken off']);
	});
}

test('a bug is answered 500 with an id, and its cause is in the log alone', async t => {
	const logged: unknown[] = [];
	const logger = {...silentLogger, error: (fields: object) => logged.push(fields)};
	const app = await start(t, {
		logger,
		parts: {
			repositories: {
				find: () => undefined,
				keys: async () => [],
				get: () => Promise.reject(new Error('secret detail')),
			},
		},
	});
	const headers = {authorization: app.admin, 'x-request-id': 'r-77'};
	const response = await fetch(`${app.url}/v2/docker-local/a/tags/list`, {headers});
	const body = await response.text();
	t.is(response.status, 500);
	t.is(response.headers.get('x-request-id'), 'r-77');
	t.true(body.includes('r-77') && !body.includes('secret detail'));
	t.like(logged[0], {requestId: 'r-77', err: {message: 'secret detail'}});
});

test('a path that is known answers other methods with 405 and those that it has', async t => {
	const app = await start(t);
	const response = await fetch(`${app.url}/v2/docker-local/a/manifests/v1`, {method: 'PATCH'});
	t.is(response.status, 405);
	t.deepEqual(response.headers.get('allow')?.split(', ').toSorted(), ['DELETE', 'GET', 'HEAD', 'PUT']);
	t.like(await response.json(), {errors: [{code: 'UNSUPPORTED'}]});
});

test('paths of the API answer errors in its own form', async t => {
	const app = await start(t);
	const response = await fetch(`${app.url}/artifactory/api/nothing`);
	t.deepEqual(await response.json(), {errors: [{status: 404, message: 'no such end-point'}]});
});

test('names of headers never come from a request', async t => {
	const app = await start(t, {configuration: {trustedProxies: ['127.0.0.0/8']}});
	const headers = {'x-forwarded-host': 'evil.example"\t,x="', 'x-forwarded-proto': 'ht"tp'};
	t.is((await fetch(`${app.url}/v2/`, {headers})).status, 400);
});

test('a bound host has the repository at its root, and the challenge names what the client typed', async t => {
	const bindings = [{host: 'docker.example', repositories: {v2: 'docker-local'}}];
	const app = await start(t, {configuration: {bindings}});
	const answer = await send(app, `GET /v2/app/tags/list HTTP/1.1`, `Host: docker.example`, 'Connection: close', '', '');
	const challenge =
		'Bearer realm="http://docker.example/v2/token",service="docker.example",scope="repository:app:pull"';
	t.true(answer.includes(`WWW-Authenticate: ${challenge}\r\n`), answer);
});

test('a plugin has its protocol and its prefix, and both pass the gate', async t => {
	const app = await start(t, {
		parts: {
			protocols: [
				{
					name: 'v1',
					define: routes =>
						routes.route('GET', '/images/:id/json', {action: 'read'}, context => {
							context.body = {id: context.params['id'], repository: context.repository?.key};
						}),
				},
			],
			pluginRoutes: [
				{
					prefix: '/hello',
					define: routes =>
						routes.route('GET', '/:name', 'signed-in', context => {
							context.body = {hello: context.params['name'], caller: context.caller.name};
						}),
				},
			],
		},
	});
	const headers = {authorization: app.admin};
	const image = await fetch(`${app.url}/artifactory/api/docker/docker-local/v1/images/12/json`, {headers});
	t.deepEqual(await image.json(), {id: '12', repository: 'docker-local'});
	const hello = await fetch(`${app.url}/artifactory/hello/you`, {headers});
	t.deepEqual(await hello.json(), {hello: 'you', caller: 'admin'});
	t.is((await fetch(`${app.url}/hello/you`)).status, 401);
	t.is((await fetch(`${app.url}/api/docker/docker-local/v1/images/12/json`)).status, 401);
});

test('a handler of a plugin gets the body of a client that waits', async t => {
	const app = await start(t, {
		parts: {
			pluginRoutes: [
				{
					prefix: '/echo',
					define: routes =>
						routes.route('POST', '', 'signed-in', async context => {
							context.body = await text(context.req);
						}),
				},
			],
		},
	});
	const head = ['POST /echo HTTP/1.1', 'Host: r', `Authorization: ${app.admin}`, 'Content-Length: 5'];
	const answer = await send(app, ...head, 'Expect: 100-continue', 'Connection: close', '', 'hello');
	t.regex(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [^]*hello$/);
});

test('the list of all routes says what each asks of its caller', async t => {
	const app = await start(t);
	const routes = createRouteTables(app.parts).list();
	t.true(routes.length > 15);
	t.deepEqual(
		routes.filter(({access, table}) => access === 'public' && ['v2', 'server'].includes(table)).map(({path}) => path),
		['/token', '/token', '/', '/healthz', '/readyz'],
	);
});

test('a server that stops is alive and not ready', async t => {
	const app = await start(t);
	t.is((await fetch(`${app.url}/readyz`)).status, 200);
	const stopping = await start(t, {parts: {readiness: {down: async () => ['server (stopping)']}}});
	const response = await fetch(`${stopping.url}/readyz`);
	t.is(response.status, 503);
	t.deepEqual(await response.json(), {status: 'not ready', down: ['server (stopping)']});
	t.is((await fetch(`${stopping.url}/healthz`)).status, 200);
});

test('each request is logged once its answer has gone, without its query', async t => {
	const lines: object[] = [];
	const logger = {...silentLogger, info: (fields: object) => lines.push(fields)};
	const app = await start(t, {logger, configuration: {log: {level: 'info', requests: true}}});
	await (await fetch(`${app.url}/v2/?secret=1`, {headers: {authorization: app.admin}})).text();
	for (let round = 0; round < 50 && lines.length === 0; round += 1) {
		await new Promise(resolve => setTimeout(resolve, 10));
	}
	t.like(lines[0], {user: 'admin', method: 'GET', path: '/v2/', status: 200, ended: true});
	t.false(JSON.stringify(lines).includes('secret'));
});
