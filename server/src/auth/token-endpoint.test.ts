import {once} from 'node:events';
import {type IncomingMessage, type ServerResponse, createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {format} from 'node:util';
import {type Logger, RegistryError, findImageName, parseImageName} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import Koa from 'koa';
import {Authenticator} from './authenticator.ts';
import {basicAuthorization} from './authorization-header.ts';
import {changePassword} from './change-password.ts';
import {hashPassword} from './password-hash.ts';
import type {ScopeAddress} from './scope.ts';
import {answerTokenRequest} from './token-endpoint.ts';
import type {TokenAnswer} from './tokens.ts';

const app = parseImageName('team/app');
const ann = basicAuthorization('ann', 'correct horse');
const form = 'application/x-www-form-urlencoded';

const address: ScopeAddress = name => {
	const slash = name.indexOf('/');
	const image = findImageName(name.slice(slash + 1));
	return slash < 1 || image === undefined ? undefined : {repository: name.slice(0, slash), image};
};

/** Keeps every line as an operator would read it. */
function makeLogger(lines: string[]): Logger {
	const log = (fields: object, message: string): void => {
		lines.push(format('%j %o %s', fields, fields, message));
	};
	return {debug: log, info: log, warn: log, error: log, child: fields => (log(fields, 'child'), makeLogger(lines))};
}

/** Answers errors as the server does, and notes whatever could be logged of them. */
function makeApp(authenticator: Authenticator, lines: string[]): Koa {
	const app = new Koa();
	app.use(async (context, next) => {
		try {
			await next();
		} catch (error) {
			lines.push(format('%o', error));
			if (!(error instanceof RegistryError)) {
				throw error;
			}
			context.status = error.status;
			context.set(error.headers);
			context.body = {errors: [{code: error.code, message: error.message, detail: error.detail}]};
		}
	});
	app.use(context => answerTokenRequest(context, authenticator, {address, remoteAddress: context.ip}));
	app.on('error', (error: unknown) => lines.push(format('%o', error)));
	return app;
}

async function makeWorld(t: ExecutionContext, {anonymousRead = false, now = Date.now} = {}) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	const lines: string[] = [];
	const logger = makeLogger(lines);
	const authenticator = await Authenticator.open({metadata, logger, anonymousRead, tokenLifetimeSeconds: 3600, now});
	const passwordHash = await hashPassword('correct horse');
	await metadata.users.insert({name: 'ann', admin: true, disabled: false, passwordHash});
	const callback = makeApp(authenticator, lines).callback();
	const answer = (request: IncomingMessage, response: ServerResponse) => void callback(request, response);
	const server = createServer(answer).on('checkContinue', answer).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(async () => {
		server.closeAllConnections();
		server.close();
		await metadata.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/token`;
	const get = (query: string, authorization?: string) =>
		fetch(`${url}?${query}`, {headers: authorization === undefined ? {} : {authorization}});
	const post = (body: string | Record<string, string>, type = form) =>
		fetch(url, {method: 'POST', headers: {'content-type': type}, body: String(new URLSearchParams(body))});
	const use = async ({token}: TokenAnswer) => authenticator.authenticate(`Bearer ${token}`, '127.0.0.1');
	return {metadata, authenticator, lines, url, get, post, use};
}

async function tokenOf(t: ExecutionContext, response: Response): Promise<TokenAnswer> {
	t.is(response.status, 200);
	t.is(response.headers.get('cache-control'), 'no-store');
	return (await response.json()) as TokenAnswer;
}

async function codeOf(response: Response): Promise<string | undefined> {
	const {errors} = (await response.json()) as {errors: [{code: string}]};
	return errors[0].code;
}

test('docker gets a token by GET and Basic', async t => {
	const {get, use} = await makeWorld(t);
	const scope = encodeURIComponent('repository:docker-local/team/app:pull,push');
	const answer = await tokenOf(t, await get(`account=ann&scope=${scope}&service=127.0.0.1%3A5000`, ann));
	t.is(answer.token, answer.access_token);
	t.is(answer.expires_in, 3600);
	t.regex(answer.issued_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
	t.is(answer.refresh_token, undefined);
	const caller = await use(answer);
	t.true(caller.may('write', 'docker-local', app) && caller.may('read', 'docker-local', app));
});

test('docker login asks for no scope, and for a refresh token that it keeps', async t => {
	const {get, post, use} = await makeWorld(t);
	const query = 'account=ann&client_id=docker&offline_token=true&service=registry';
	const {refresh_token: refreshToken = ''} = await tokenOf(t, await get(query, ann));
	const answer = await tokenOf(
		t,
		await post({
			grant_type: 'refresh_token',
			refresh_token: refreshToken,
			service: 'registry',
			client_id: 'docker',
			scope: 'repository:docker-local/team/app:pull',
		}),
	);
	t.is(answer.refresh_token, refreshToken);
	t.true((await use(answer)).may('read', 'docker-local', app));
});

test('containerd gets a token by POST with the password in the form', async t => {
	const {post, use} = await makeWorld(t);
	const answer = await tokenOf(
		t,
		await post({
			grant_type: 'password',
			client_id: 'containerd-client',
			service: 'registry',
			username: 'ann',
			password: 'correct horse',
			scope: 'repository:docker-local/team/app:pull repository:docker-other/team/app:pull',
		}),
	);
	t.is(answer.refresh_token, undefined);
	const caller = await use(answer);
	t.true(caller.may('read', 'docker-local', app) && caller.may('read', 'docker-other', app));
	const offline = {grant_type: 'password', username: 'ann', password: 'correct horse', access_type: 'offline'};
	t.truthy((await tokenOf(t, await post(offline))).refresh_token);
});

test('a client that waits to be told to send its form is told', async t => {
	const {url} = await makeWorld(t);
	const sent = request(url, {method: 'POST', headers: {'content-type': form, expect: '100-continue'}});
	sent.flushHeaders();
	await once(sent, 'continue');
	sent.end('grant_type=password&username=ann&password=correct+horse');
	const [response] = (await once(sent, 'response')) as [IncomingMessage];
	t.is(response.statusCode, 200);
	response.destroy();
});

test('scopes may be repeated or separated by spaces, in a query and in a form', async t => {
	const {get, post, use} = await makeWorld(t);
	const scopes = 'scope=repository:a/team/app:pull&scope=repository:b/team/app:pull+repository:c/team/app:pull';
	const answers = [
		await get(scopes, ann),
		await post(`grant_type=password&username=ann&password=correct+horse&${scopes}`),
	];
	for (const answer of answers) {
		const caller = await use(await tokenOf(t, answer));
		t.deepEqual(
			['a', 'b', 'c', 'd'].map(key => caller.may('read', key, app)),
			[true, true, true, false],
		);
	}
});

test('who does not sign in is refused, unless everybody may read', async t => {
	const closed = await makeWorld(t);
	const refused = await closed.get('scope=repository:a/team/app:pull');
	t.is(refused.status, 401);
	t.is(await codeOf(refused), 'UNAUTHORIZED');
	const open = await makeWorld(t, {anonymousRead: true});
	const caller = await open.use(await tokenOf(t, await open.get('scope=repository:a/team/app:pull,push')));
	t.true(caller.anonymous && caller.may('read', 'a', app) && !caller.may('write', 'a', app));
});

test('wrong credentials are refused also where everybody may read', async t => {
	const {get, post} = await makeWorld(t, {anonymousRead: true});
	const responses = [
		await get('', basicAuthorization('ann', 'wrong')),
		await get('', basicAuthorization('nobody', 'correct horse')),
		await get('', 'Basic ???'),
		await get('', 'Bearer nonsense'),
		await post({grant_type: 'password', username: 'ann', password: 'wrong'}),
		await post({grant_type: 'password', username: 'an:n', password: 'wrong'}),
		await post({grant_type: 'refresh_token', refresh_token: 'nonsense'}),
	];
	for (const response of responses) {
		t.is(response.status, 401);
		t.is(await codeOf(response), 'UNAUTHORIZED');
	}
});

test('a refresh token ends with the password it was got for', async t => {
	const {metadata, get, post} = await makeWorld(t);
	const {refresh_token: refreshToken = ''} = await tokenOf(t, await get('offline_token=true', ann));
	await changePassword(metadata, 'ann', 'better horse');
	await tokenOf(t, await get('', basicAuthorization('ann', 'better horse')));
	t.is((await post({grant_type: 'refresh_token', refresh_token: refreshToken})).status, 401);
});

const bad: readonly (readonly [title: string, body: string, status: number])[] = [
	['no grant type', 'username=ann&password=correct+horse', 400],
	['an unknown grant type', 'grant_type=authorization_code&code=1', 400],
	['no user name', 'grant_type=password&password=x', 400],
	['no password', 'grant_type=password&username=ann', 400],
	['no refresh token', 'grant_type=refresh_token', 400],
	['a malformed scope', 'grant_type=password&username=ann&password=correct+horse&scope=nonsense', 400],
	['a service without end', `grant_type=password&username=ann&password=correct+horse&service=${'a'.repeat(300)}`, 400],
	['thousands of scopes', `grant_type=password&username=ann&password=correct+horse${'&scope=a:b:c'.repeat(4000)}`, 400],
	['a form that is too large', `grant_type=password&username=${'a'.repeat(70_000)}`, 413],
];

for (const [title, body, status] of bad) {
	test(`a form with ${title} is answered with ${status}`, async t => {
		const {post, authenticator} = await makeWorld(t);
		t.is((await post(body)).status, status);
		t.is(authenticator.passwordRuns, 0);
	});
}

test('a form of another type is answered with 415, and one that is not what it says with 400', async t => {
	const {url, post} = await makeWorld(t);
	t.is((await post({grant_type: 'password'}, 'application/json')).status, 415);
	const headers = {'content-type': form, 'content-encoding': 'gzip'};
	t.is((await fetch(url, {method: 'POST', headers, body: 'not gzip'})).status, 400);
	t.is((await fetch(url, {method: 'POST'})).status, 415);
});

test('thousands of scopes in a query are answered with 400 before any password is compared', async t => {
	const {get, authenticator} = await makeWorld(t);
	t.is((await get('scope=a:b:c&'.repeat(1000), ann)).status, 400);
	t.is((await get('scope=nonsense', ann)).status, 400);
	t.is((await get(`service=${'a'.repeat(300)}`, ann)).status, 400);
	t.is(authenticator.passwordRuns, 0);
});

test('guessing through the form is slowed down like guessing through the header', async t => {
	const begun = Date.now();
	const {get, post} = await makeWorld(t, {now: () => begun});
	for (let guess = 0; guess < 6; guess++) {
		await post({grant_type: 'password', username: 'ann', password: `wrong ${guess}`});
	}
	for (const response of [await get('', ann), await post({grant_type: 'password', username: 'ann', password: 'x'})]) {
		t.is(response.status, 429);
		t.true(Number(response.headers.get('retry-after')) > 0);
		t.is(await codeOf(response), 'TOOMANYREQUESTS');
	}
});

test('no secret gets into a log line, an error or an answer', async t => {
	const {get, post, url, lines} = await makeWorld(t);
	const answer = await tokenOf(t, await get('offline_token=true', ann));
	const secret = 'sEcReT-7f3a';
	const responses = [
		await get('', basicAuthorization('ann', secret)),
		await get('', basicAuthorization(secret, secret)),
		await get('', `Bearer ${secret}`),
		await get('', `Basic ${secret}`),
		await get('', `${answer.token}x`),
		await get('', `Bearer ${answer.token}x`),
		await post({grant_type: 'password', username: 'ann', password: secret}),
		await post({grant_type: 'password', username: secret, password: secret}),
		await post({grant_type: 'refresh_token', refresh_token: `${answer.refresh_token}x`}),
		await post({grant_type: 'password', username: 'ann', password: secret.repeat(7000)}),
		await fetch(url, {method: 'POST', headers: {'content-type': form, 'content-encoding': 'br'}, body: secret}),
	];
	for (let guess = 0; guess < 10; guess++) {
		responses.push(await get('', basicAuthorization('ann', `${secret} ${guess}`)));
	}
	const told = await Promise.all(
		responses.map(async response => format('%o', [response.headers, await response.text()])),
	);
	t.true(responses.every(({status}) => status >= 400 && status < 500));
	t.true(lines.length > 0);
	const encoded = Buffer.from(`ann:${secret}`).toString('base64');
	for (const text of [...told, ...lines]) {
		for (const hidden of [secret, encoded, answer.token, answer.refresh_token ?? '', 'argon2id']) {
			t.false(text.includes(hidden), text);
		}
	}
});
