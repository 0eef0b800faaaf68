import {chmod, readFile, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {OptionsValidator} from '@stowage/core';
import {type OidcOptions, oidcType} from '@stowage/oidc';
import {openidClient, startOpenidProvider} from '@stowage/test-servers/openid';
import test, {type ExecutionContext} from 'ava';
import {ExternalRealm} from '../auth/external/external-realm.ts';
import {silentLogger, startApp} from '../http/fixtures/start-app.ts';
import {makeStowageFolder} from './fixtures/stowage-process.ts';
import {requestIdToken} from './login/device-grant.ts';

async function makeWorld(t: ExecutionContext) {
	const provider = await startOpenidProvider();
	t.teardown(() => provider.stop());
	const {issuer} = provider;
	provider.people.set('u1', {preferred_username: 'ann', groups: ['dev']});
	const given = {issuer, audiences: [openidClient], usernameClaim: 'preferred_username', groupsClaim: 'groups'};
	const allowed = {allowUnencrypted: true, allowPrivateAddresses: true, timeoutSeconds: 25};
	const options = new OptionsValidator().complete(oidcType.options, {...given, ...allowed}) as OidcOptions;
	const authenticator = await oidcType.create(options, {name: 'company', logger: silentLogger});
	const rules = {name: 'company', createUsers: true, createGroups: true, groups: {}, outageSeconds: 0};
	const app = await startApp({realms: [new ExternalRealm({rules, authenticator, logger: silentLogger})]});
	t.teardown(() => app.stop());
	const folder = await makeStowageFolder(t);
	return {provider, issuer, registry: `127.0.0.1:${app.port}`, ...folder};
}

const codeIn = (text: string) => /code ([A-Z-]+)\./.exec(text)?.[1];

test('who signs in with a browser elsewhere gets a token with which docker can sign in', async t => {
	const {provider, issuer, registry, run, folder} = await makeWorld(t);
	const docker = join(folder, 'docker');
	await writeFile(docker, '#!/bin/sh\necho "$@" >arguments\ncat >secret\necho Login Succeeded\n');
	await chmod(docker, 0o755);
	const options = ['--provider', 'company', '--issuer', issuer, '--client-id', openidClient, '--with', 'docker'];
	const command = run(['login', registry, ...options], {PATH: `${folder}:${process.env.PATH}`});
	while (codeIn(command.printed.stderr) === undefined) {
		await sleep(20);
	}
	await provider.approve(codeIn(command.printed.stderr) ?? '', 'u1');
	t.is(await command.exit, 0, command.printed.stderr);
	t.is(command.printed.stdout, 'Login Succeeded\n');
	t.is(await readFile(join(folder, 'arguments'), 'utf8'), `login --username ann --password-stdin ${registry}\n`);
	const authorization = `Basic ${btoa(`ann:${await readFile(join(folder, 'secret'), 'utf8')}`)}`;
	t.is((await fetch(`http://${registry}/v2/`, {headers: {authorization}})).status, 200);
});

test('a token of a provider is taken from standard input, and the other is printed', async t => {
	const {provider, registry, run} = await makeWorld(t);
	const token = await provider.buildToken({claims: {preferred_username: 'bob'}, audience: openidClient});
	const command = run(['login', `http://${registry}`, '--provider', 'company', '--id-token-stdin'], {}, `${token}\n`);
	t.is(await command.exit, 0, command.printed.stderr);
	const printed = JSON.parse(command.printed.stdout) as {readonly username: string; readonly token: string};
	t.is(printed.username, 'bob');
	const authorization = `Bearer ${printed.token}`;
	t.is((await fetch(`http://${registry}/v2/`, {headers: {authorization}})).status, 200);
	const refused = run(['login', registry, '--provider', 'company', '--id-token-stdin'], {}, 'x');
	t.is(await refused.exit, 1);
	t.regex(refused.printed.stderr, /^stowage: 127\.0\.0\.1:\d+ answers with 401: the token is not valid\n$/);
});

test('who says no, or nothing, is told', async t => {
	const {provider, issuer} = await makeWorld(t);
	const request = {issuer, clientId: openidClient, scope: 'openid'};
	const lines: string[] = [];
	const tell = (line: string) => void lines.push(line);
	const refuse = () => provider.approve(codeIn(lines[0] ?? '') ?? '', 'u1', false);
	await t.throwsAsync(requestIdToken({...request, tell, wait: refuse}), {
		code: 'LOGIN_FAILED',
		message: /access_denied/,
	});
	const never = requestIdToken({...request, tell, wait: async () => undefined});
	await t.throwsAsync(never, {message: /in time/});
	await t.throwsAsync(requestIdToken({...request, clientId: 'other', tell}), {message: /does not let this client/});
	await t.throwsAsync(requestIdToken({...request, issuer: `${issuer}/`, tell}), {message: /calls itself otherwise/});
	await t.throwsAsync(requestIdToken({...request, issuer: 'http://login.example', tell}), {message: /https:/});
});

test('a provider that wants to be asked less often is', async t => {
	const answers: object[] = [{error: 'authorization_pending'}, {error: 'slow_down'}, {id_token: 'a.b.c'}];
	const server = createServer((request, response) => {
		const issuer = `http://${request.headers.host}`;
		const discovery = {issuer, device_authorization_endpoint: `${issuer}/device`, token_endpoint: `${issuer}/token`};
		const device = {device_code: 'd', user_code: 'A\u001b[2J', verification_uri: 'https://x', interval: 2};
		const body = request.url === '/token' ? answers.shift() : request.url === '/device' ? device : discovery;
		response.end(JSON.stringify(body));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const waited: number[] = [];
	const lines: string[] = [];
	const wait = async (seconds: number) => void waited.push(seconds);
	const tell = (line: string) => void lines.push(line);
	t.is(await requestIdToken({issuer, clientId: 'x', scope: 'openid', tell, wait}), 'a.b.c');
	t.deepEqual(waited, [2, 2, 7]);
	t.notRegex(lines.join(''), /\p{Cc}/u);
});
