import {type Logger, type NewUserRecord, actions, findImageName, parseImageName} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import {decodeJwt, decodeProtectedHeader} from 'jose';
import {type Authenticated, Authenticator} from './authenticator.ts';
import {basicAuthorization} from './authorization-header.ts';
import {changePassword} from './change-password.ts';
import {hashPassword} from './password-hash.ts';
import {type ScopeAddress, parseScopes} from './scope.ts';
import type {TokenAnswer} from './tokens.ts';

const remote = '192.0.2.1';
const silent: Logger = {debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent};
const app = parseImageName('team/app');
const other = parseImageName('team/other');

const address: ScopeAddress = name => {
	const slash = name.indexOf('/');
	const image = findImageName(name.slice(slash + 1));
	return slash < 1 || image === undefined ? undefined : {repository: name.slice(0, slash), image};
};

async function makeWorld(t: ExecutionContext, {anonymousRead = false, tokenLifetimeSeconds = 3600} = {}) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	const clock = {now: 1_700_000_000_500};
	const parts = {metadata, logger: silent, anonymousRead, tokenLifetimeSeconds, now: () => clock.now};
	const authenticator = await Authenticator.open(parts);
	const addUser = async (name: string, more: Partial<NewUserRecord> = {}) =>
		metadata.users.insert({
			name,
			admin: true,
			disabled: false,
			passwordHash: await hashPassword('correct horse'),
			...more,
		});
	const asUser = async (name: string): Promise<Authenticated> =>
		authenticator.authenticate(basicAuthorization(name, 'correct horse'), remote);
	const issue = (caller: Authenticated, scope: string, more: {offline?: boolean; service?: string} = {}) =>
		authenticator.issueToken({caller, scopes: parseScopes([scope]), address, ...more});
	return {metadata, clock, parts, authenticator, addUser, asUser, issue};
}

async function use(authenticator: Authenticator, {token}: Pick<TokenAnswer, 'token'>): Promise<Authenticated> {
	return authenticator.authenticate(`Bearer ${token}`, remote);
}

test('a token is good for what it was issued for and nothing else', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t);
	const {id} = await addUser('ann');
	const caller = await use(authenticator, await issue(await asUser('ann'), 'repository:docker-local/team/app:pull'));
	t.like(caller, {name: 'ann', anonymous: false, admin: false, user: {id, name: 'ann', version: 1}});
	t.deepEqual(
		actions.filter(action => caller.may(action, 'docker-local', app)),
		['read'],
	);
	t.false(caller.may('read', 'docker-local', other));
	t.false(caller.may('read', 'docker-other', app));
	t.true(caller.lacksScope('write', 'docker-local', app));
	t.true(caller.lacksScope('read', 'docker-other', app));
	t.false(caller.lacksScope('read', 'docker-local', app));
});

test('a token gives nobody more than he may himself, and does not blame its scope for that', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t, {anonymousRead: true});
	await addUser('bob', {admin: false});
	const caller = await use(authenticator, await issue(await asUser('bob'), 'repository:docker-local/team/app:*'));
	t.deepEqual(
		actions.filter(action => caller.may(action, 'docker-local', app)),
		['read'],
	);
	t.false(caller.lacksScope('write', 'docker-local', app));
});

test('the answer has both names of the token, its lifetime and when it was issued', async t => {
	const {authenticator, addUser, asUser, issue, clock} = await makeWorld(t);
	await addUser('ann');
	const answer = await issue(await asUser('ann'), '');
	t.deepEqual(answer, {
		token: answer.token,
		access_token: answer.token,
		expires_in: 3600,
		issued_at: '2023-11-14T22:13:20.000Z',
	});
	clock.now += 3_599_000;
	t.is((await use(authenticator, answer)).name, 'ann');
	clock.now += 1000;
	await t.throwsAsync(use(authenticator, answer), {code: 'UNAUTHORIZED'});
});

test('a token lives for a minute at least', async t => {
	const {addUser, asUser, issue} = await makeWorld(t, {tokenLifetimeSeconds: 5});
	await addUser('ann');
	t.is((await issue(await asUser('ann'), '')).expires_in, 60);
});

test('a token says who, for whom, from when and until when', async t => {
	const {addUser, asUser, issue} = await makeWorld(t);
	const {id} = await addUser('ann');
	const {token} = await issue(await asUser('ann'), 'repository:docker-local/team/app:pull,push', {
		service: 'registry.example:5000',
	});
	const {jti, ...claims} = decodeJwt(token);
	const issuer = claims.iss ?? '';
	t.regex(issuer, /^stowage@[0-9a-f]{16}$/);
	t.regex(jti ?? '', /^[0-9a-f]{32}$/);
	t.deepEqual<unknown, unknown>(claims, {
		iss: issuer,
		sub: `${issuer}/users/ann`,
		aud: [issuer, 'registry.example:5000'],
		iat: 1_700_000_000,
		nbf: 1_699_999_970,
		exp: 1_700_003_600,
		user: {id, version: 1},
		access: [{repository: 'docker-local', image: 'team/app', actions: ['read', 'write', 'delete']}],
		catalog: false,
	});
	t.like(decodeProtectedHeader(token), {alg: 'HS256', typ: 'at+jwt'});
});

test('no two tokens are the same', async t => {
	const {addUser, asUser, issue} = await makeWorld(t);
	await addUser('ann');
	const caller = await asUser('ann');
	t.not((await issue(caller, '')).token, (await issue(caller, '')).token);
});

for (const name of ['>>>???~~~', 'änn€', '\u{1f600}\u{1f600}', 'ann\u007f?']) {
	test(`the payload of a token for "${name}" can be read by who knows only plain base64`, async t => {
		const {authenticator, metadata, issue} = await makeWorld(t);
		const {id, version} = await metadata.users.insert({name, admin: true, disabled: false});
		const caller = {...(await authenticator.authenticate(undefined, remote)), user: {id, name, version}};
		for (let length = 0; length < 3; length++) {
			const answer = await issue({...caller, may: () => false}, '', {service: `${'~'.repeat(length)}?>ü`});
			const payload = answer.token.split('.')[1] ?? '';
			t.notRegex(payload, /[-_]/);
			t.is((await use(authenticator, answer)).name, name);
		}
	});
}

test('a remembered token is answered at once', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t);
	await addUser('ann');
	const {token} = await issue(await asUser('ann'), '');
	const first = await authenticator.authenticate(`Bearer ${token}`, remote);
	t.is(authenticator.authenticate(`Bearer ${token}`, remote), first);
	t.is((await authenticator.authenticate(`bearer  ${token}`, remote)).name, 'ann');
});

test('all nodes know each others tokens, also those of users whom they have just seen in an older state', async t => {
	const {authenticator, metadata, parts, addUser, issue} = await makeWorld(t);
	await addUser('ann');
	const node = await Authenticator.open(parts);
	await node.authenticate(basicAuthorization('ann', 'correct horse'), remote);
	await changePassword(metadata, 'ann', 'better horse');
	const caller = await authenticator.authenticate(basicAuthorization('ann', 'better horse'), remote);
	t.is((await use(node, await issue(caller, ''))).name, 'ann');
});

test('another installation knows none of these tokens', async t => {
	const here = await makeWorld(t);
	const there = await makeWorld(t);
	await here.addUser('ann');
	await there.addUser('ann');
	const answer = await here.issue(await here.asUser('ann'), '');
	await t.throwsAsync(use(there.authenticator, answer), {code: 'UNAUTHORIZED'});
});

const changes = [
	['has another password', {passwordHash: 'another'}],
	['is disabled', {disabled: true}],
	['is no administrator any more', {admin: false}],
] as const;

for (const [what, change] of changes) {
	test(`tokens end within five seconds when their owner ${what}`, async t => {
		const {authenticator, metadata, addUser, asUser, issue, clock} = await makeWorld(t);
		const user = await addUser('ann');
		const answer = await issue(await asUser('ann'), 'repository:docker-local/team/app:*', {offline: true});
		await use(authenticator, answer);
		await metadata.users.update({...user, ...change});
		clock.now += 5000;
		await t.throwsAsync(use(authenticator, answer), {code: 'UNAUTHORIZED'});
		const refresh = authenticator.authenticateRefreshToken(answer.refresh_token ?? '');
		await t.throwsAsync(refresh, {code: 'UNAUTHORIZED'});
	});
}

test('tokens and passwords of a user who was removed are refused within five seconds', async t => {
	const {authenticator, metadata, addUser, asUser, issue, clock} = await makeWorld(t);
	const {id} = await addUser('ann');
	const answer = await issue(await asUser('ann'), '');
	await use(authenticator, answer);
	await metadata.users.delete(id);
	clock.now += 5000;
	await t.throwsAsync(use(authenticator, answer), {code: 'UNAUTHORIZED'});
	await t.throwsAsync(asUser('ann'), {code: 'UNAUTHORIZED'});
});

test('a refresh token is given to who asks for it with a password, and signs in as the user', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t);
	await addUser('ann');
	const {refresh_token: refreshToken = ''} = await issue(await asUser('ann'), '', {offline: true});
	const caller = await authenticator.authenticateRefreshToken(refreshToken);
	t.like(caller, {name: 'ann', admin: true, expiresAt: undefined});
	t.false('refresh_token' in (await issue(caller, '')));
});

test('a refresh token is good for nothing else, and an access token is no refresh token', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t);
	await addUser('ann');
	const {token, refresh_token: refreshToken = ''} = await issue(await asUser('ann'), '', {offline: true});
	await t.throwsAsync(use(authenticator, {token: refreshToken}), {code: 'UNAUTHORIZED'});
	await t.throwsAsync(async () => authenticator.authenticate(basicAuthorization('ann', refreshToken), remote), {
		code: 'UNAUTHORIZED',
	});
	await t.throwsAsync(authenticator.authenticateRefreshToken(token), {code: 'UNAUTHORIZED'});
	await t.throwsAsync(authenticator.authenticateRefreshToken('nonsense'), {code: 'UNAUTHORIZED'});
});

test('what is issued to a token gives no more, does not outlive it and comes without a refresh token', async t => {
	const {authenticator, addUser, asUser, issue, clock} = await makeWorld(t);
	await addUser('ann');
	const first = await use(authenticator, await issue(await asUser('ann'), 'repository:docker-local/team/app:pull'));
	clock.now += 3_000_000;
	const answer = await issue(first, 'repository:docker-local/team/app:* registry:catalog:*', {offline: true});
	t.is(answer.expires_in, 600);
	t.is(answer.refresh_token, undefined);
	const second = await use(authenticator, answer);
	t.deepEqual(
		actions.filter(action => second.may(action, 'docker-local', app)),
		['read'],
	);
	t.false(second.listing.may('read', 'docker-other'));
});

test('a token serves as the password of its owner, and of nobody else', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t);
	await addUser('ann');
	await addUser('bob');
	const {token} = await issue(await asUser('ann'), 'repository:docker-local/team/app:pull');
	const runs = authenticator.passwordRuns;
	const caller = await authenticator.authenticate(basicAuthorization('ann', token), remote);
	t.deepEqual(
		actions.filter(action => caller.may(action, 'docker-local', app)),
		['read'],
	);
	t.is(authenticator.passwordRuns, runs);
	await t.throwsAsync(async () => authenticator.authenticate(basicAuthorization('bob', token), remote), {
		code: 'UNAUTHORIZED',
	});
});

test('a token for the catalog sees names of images without being good for their content', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t);
	await addUser('ann');
	const caller = await use(authenticator, await issue(await asUser('ann'), 'registry:catalog:*'));
	t.true(caller.listing.may('read', 'docker-local', app));
	t.false(caller.listing.may('write', 'docker-local', app));
	t.false(caller.may('read', 'docker-local', app));
	t.true(caller.lacksScope('read', 'docker-local', app));
	const plain = await use(authenticator, await issue(await asUser('ann'), ''));
	t.false(plain.listing.may('read', 'docker-local', app));
	t.true(plain.listing.lacksScope('read', 'docker-local'));
});

test('who did not sign in gets a token that may be read with, as long as everybody may read', async t => {
	const {authenticator, metadata, parts, issue} = await makeWorld(t, {anonymousRead: true});
	const nobody = await authenticator.authenticate(undefined, remote);
	const answer = await issue(nobody, 'repository:docker-local/team/app:pull,push', {offline: true});
	t.is(answer.refresh_token, undefined);
	const caller = await use(authenticator, answer);
	t.like(caller, {name: 'anonymous', anonymous: true, user: undefined});
	t.deepEqual(
		actions.filter(action => caller.may(action, 'docker-local', app)),
		['read'],
	);
	const closed = await Authenticator.open({...parts, metadata, anonymousRead: false});
	t.false((await use(closed, answer)).may('read', 'docker-local', app));
});

test('a user named anonymous is not taken for somebody who did not sign in', async t => {
	const {authenticator, addUser, asUser, issue} = await makeWorld(t);
	await addUser('anonymous');
	const caller = await use(authenticator, await issue(await asUser('anonymous'), ''));
	t.false(caller.anonymous);
});
