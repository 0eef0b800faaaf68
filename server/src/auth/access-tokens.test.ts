import {type Action, type Logger, actions, parseImageName} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import {decodeJwt, decodeProtectedHeader} from 'jose';
import {UserAccounts} from './accounts/user-accounts.ts';
import {type Authenticated, Authenticator} from './authenticator.ts';
import {basicAuthorization} from './authorization-header.ts';
import {rotateSigningKeys} from './signing-keys.ts';
import {parseScopes} from './scope.ts';

const remote = '192.0.2.1';
const silent: Logger = {debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent};
const root = {name: 'root', admin: true, whole: true};
const app = parseImageName('team/app');
const other = parseImageName('team/other');

async function makeWorld(t: ExecutionContext) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	const clock = {now: 1_700_000_000_500};
	const open = () =>
		Authenticator.open({
			metadata,
			logger: silent,
			anonymousRead: false,
			tokenLifetimeSeconds: 3600,
			now: () => clock.now,
			membersOf: key => (key === 'docker' ? ['docker-local'] : []),
		});
	const authenticator = await open();
	const users = new UserAccounts(metadata);
	await users.add('ann', {password: 'correct horse'});
	await users.add('root', {password: 'correct horse', admin: true});
	const section = {repositories: ['docker-local'], includes: ['**'], excludes: [], groups: {}};
	await metadata.permissionTargets.insert({name: 'target', repo: {...section, users: {ann: ['read', 'write']}}});
	authenticator.expire();
	const bearer = async (token: string, node = authenticator) => node.authenticate(`Bearer ${token}`, remote);
	return {metadata, clock, open, authenticator, users, bearer};
}

function allowed(caller: Pick<Authenticated, 'may'>, image = app, repository = 'docker-local'): readonly Action[] {
	return actions.filter(action => caller.may(action, repository, image));
}

function encode(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}

test('an access token says who it is for, and allows what its scope and its user allow', async t => {
	const {authenticator, bearer} = await makeWorld(t);
	const {token, record} = await authenticator.accessTokens.issue({
		issuer: root,
		subject: 'ann',
		scope: 'artifact:docker-local/team/app:rd',
		expiresInSeconds: 60,
	});
	t.like(decodeProtectedHeader(token), {alg: 'HS256', typ: 'stowage-granted+jwt'});
	const {sub, jti, exp, scp} = decodeJwt(token);
	t.deepEqual([sub?.replace(/.*\/users\//, ''), jti, exp, scp], ['ann', record.id, 1_700_000_060, record.scope]);
	const caller = await bearer(token);
	t.like(caller, {name: 'ann', anonymous: false, admin: false, whole: false, expiresAt: 1_700_000_060_000});
	t.deepEqual(allowed(caller), ['read']);
	t.deepEqual(allowed(caller, other), []);
	t.false(caller.lacksScope('write', 'docker-local', app));
});

test('a token ends when it expires, and one without an end does not', async t => {
	const {authenticator, bearer, clock} = await makeWorld(t);
	const short = await authenticator.accessTokens.issue({
		issuer: root,
		subject: 'ann',
		expiresInSeconds: 60,
		reference: true,
	});
	const lasting = await authenticator.accessTokens.issue({issuer: root, subject: 'ann', expiresInSeconds: 0});
	await bearer(short.token);
	clock.now += 60_000;
	await t.throwsAsync(bearer(short.token), {code: 'UNAUTHORIZED'});
	await t.throwsAsync(bearer(short.referenceToken ?? ''), {code: 'UNAUTHORIZED'});
	clock.now += 20 * 365 * 24 * 3_600_000;
	t.is((await bearer(lasting.token)).name, 'ann');
});

test('tokens outlive a change of the password, and end with the user', async t => {
	const {authenticator, bearer, users} = await makeWorld(t);
	const {token} = await authenticator.accessTokens.issue({issuer: root, subject: 'ann'});
	await bearer(token);
	await users.change('ann', {password: 'better horse', email: 'ann@example.org'});
	authenticator.expire();
	t.is((await bearer(token)).name, 'ann');
	await users.delete('ann');
	await users.add('ann', {password: 'correct horse'});
	authenticator.expire();
	await t.throwsAsync(bearer(token), {code: 'UNAUTHORIZED'});
});

test('no kind of token passes for another', async t => {
	const {authenticator, bearer} = await makeWorld(t);
	const made = await authenticator.accessTokens.issue({issuer: root, subject: 'ann', refreshable: true});
	const caller = await authenticator.authenticate(basicAuthorization('ann', 'correct horse'), remote);
	const session = await authenticator.issueToken({caller, scopes: [], address: () => undefined, offline: true});
	for (const text of [made.refreshToken ?? '', session.refresh_token ?? '', made.record.id]) {
		await t.throwsAsync(bearer(text), {code: 'UNAUTHORIZED'});
	}
	await t.throwsAsync(authenticator.authenticateRefreshToken(made.token), {code: 'UNAUTHORIZED'});
	await t.throwsAsync(authenticator.accessTokens.refresh(session.refresh_token ?? ''), {code: 'UNAUTHORIZED'});
	t.is(await authenticator.accessTokens.findByToken(session.token), undefined);
});

test('what was changed in a token, or signed by nobody, is refused', async t => {
	const {authenticator, bearer} = await makeWorld(t);
	const {token} = await authenticator.accessTokens.issue({issuer: root, subject: 'ann'});
	const [head = '', payload = '', signature = ''] = token.split('.');
	const header = decodeProtectedHeader(token);
	const widened = encode({...decodeJwt(token), scp: 'applied-permissions/admin'});
	for (const text of [
		`${head}.${widened}.${signature}`,
		`${encode({...header, alg: 'none'})}.${payload}.`,
		`${encode({...header, alg: 'none'})}.${payload}.${signature}`,
		`${encode({...header, kid: '../../key'})}.${payload}.${signature}`,
		`${encode({...header, typ: 'at+jwt'})}.${payload}.${signature}`,
	]) {
		await t.throwsAsync(bearer(text), {code: 'UNAUTHORIZED'});
	}
});

test('the scope of a token is that of its row, whatever it says itself', async t => {
	const {authenticator, metadata, bearer} = await makeWorld(t);
	const {token, record} = await authenticator.accessTokens.issue({issuer: root, subject: 'ann'});
	await metadata.accessTokens.delete(record.id);
	await metadata.accessTokens.insert({...record, scope: 'artifact:docker-local/none:r'});
	t.deepEqual(allowed(await bearer(token)), []);
});

test('after its key was changed a token stays good on all nodes, unless old ones were dropped', async t => {
	const {authenticator, metadata, clock, open, bearer} = await makeWorld(t);
	const node = await open();
	const before = await authenticator.accessTokens.issue({issuer: root, subject: 'ann'});
	await rotateSigningKeys(metadata);
	authenticator.expire();
	await authenticator.authenticate(undefined, remote);
	const after = await authenticator.accessTokens.issue({issuer: root, subject: 'ann'});
	t.not(decodeProtectedHeader(after.token).kid, decodeProtectedHeader(before.token).kid);
	clock.now += 1000;
	for (const {token} of [before, after]) {
		t.is((await bearer(token)).name, 'ann');
		t.is((await bearer(token, node)).name, 'ann');
	}
	await rotateSigningKeys(metadata, {dropOld: true});
	clock.now += 5000;
	await authenticator.authenticate(undefined, remote);
	for (const {token} of [before, after]) {
		await t.throwsAsync(bearer(token), {code: 'UNAUTHORIZED'});
		await t.throwsAsync(bearer(token, node), {code: 'UNAUTHORIZED'});
	}
});

test('a token for a repository that is made of others reaches their images, and nothing else of them', async t => {
	const {authenticator, bearer} = await makeWorld(t);
	const {token} = await authenticator.accessTokens.issue({
		issuer: root,
		subject: 'ann',
		scope: 'artifact:docker/team/app:r',
	});
	const caller = await bearer(token);
	t.deepEqual(allowed(caller, app, 'docker'), ['read']);
	t.deepEqual(allowed(caller, app), []);
	const through = caller.through?.('docker');
	t.deepEqual(through && allowed(through), ['read']);
	t.deepEqual(through && allowed(through, other), []);
	const scopes = parseScopes(['repository:docker/team/app:pull,push']);
	const address = () => ({repository: 'docker', image: app});
	const session = await bearer((await authenticator.issueToken({caller, scopes, address})).token);
	const reaching = session.through?.('docker');
	t.deepEqual(reaching && allowed(reaching), ['read']);
	t.deepEqual(allowed(session), []);
});

test('the time of a sign-in is remembered, but not that of every request', async t => {
	const {authenticator, metadata, clock} = await makeWorld(t);
	const seen = async () => (await metadata.users.find('ann'))?.lastLoggedIn?.getTime();
	t.is(await seen(), undefined);
	await authenticator.authenticate(basicAuthorization('ann', 'correct horse'), remote);
	const first = await seen();
	t.is(first, clock.now);
	clock.now += 30_000;
	await authenticator.authenticate(basicAuthorization('ann', 'correct horse'), remote);
	t.is(await seen(), first);
});
