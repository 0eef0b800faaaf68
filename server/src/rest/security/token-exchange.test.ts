import {oidcType, type OidcOptions} from '@stowage/oidc';
import {OptionsValidator} from '@stowage/core';
import {type OpenidProvider, openidAudience, startOpenidProvider} from '@stowage/test-servers/openid';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {basicAuthorization} from '../../auth/authorization-header.ts';
import {ExternalRealm} from '../../auth/external/external-realm.ts';
import {makeSecurityWorld} from './fixtures/security-world.ts';

const path = '/access/api/v1/oidc/token';
const types = 'urn:ietf:params:oauth:token-type';

interface Exchanged {
	readonly access_token: string;
	readonly username: string;
	readonly token_id: string;
}

async function makeRealm(
	t: ExecutionContext,
	provider: OpenidProvider,
	more: Partial<OidcOptions>,
): Promise<ExternalRealm> {
	const given = {
		issuer: provider.issuer,
		audiences: [openidAudience],
		allowUnencrypted: true,
		allowPrivateAddresses: true,
		timeoutSeconds: 25,
		...more,
	};
	const options = new OptionsValidator().complete(oidcType.options, given) as OidcOptions;
	const authenticator = await oidcType.create(options, {name: 'ci', logger: silentLogger});
	t.teardown(() => authenticator.close());
	const rules = {name: 'ci', createUsers: true, createGroups: false, groups: {dev: 'developers'}, outageSeconds: 0};
	return new ExternalRealm({rules, authenticator, logger: silentLogger});
}

const mappings: OidcOptions['mappings'] = [
	{
		name: 'main',
		claims: {repository: 'team/*', ref: 'refs/heads/main'},
		username: 'robot',
		scope: 'artifact:docker-local/team/**:r,w',
		expiresInSeconds: 300,
	},
	{name: 'any', claims: {repository: 'team/*'}, scope: 'applied-permissions/groups:ci', expiresInSeconds: 120},
	{
		name: 'gone',
		claims: {repository: 'gone'},
		username: 'nobody',
		scope: 'applied-permissions/user',
		expiresInSeconds: 60,
	},
];

async function makeWorld(t: ExecutionContext) {
	const provider = await startOpenidProvider();
	t.teardown(() => provider.stop());
	const realm = await makeRealm(t, provider, {mappings, usernameClaim: 'preferred_username', groupsClaim: 'groups'});
	const world = await makeSecurityWorld(t, {realms: [realm]});
	const exchange = (token: string, more: object = {}) =>
		world.ask('POST', path, {
			as: undefined,
			json: {
				grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
				subject_token_type: `${types}:id_token`,
				subject_token: token,
				provider_name: 'ci',
				// jfrog-client-go sends these as well.
				project_key: '',
				job_id: '1',
				...more,
			},
		});
	const start = (authorization: string, image: string) =>
		world.ask('POST', `/v2/docker-local/${image}/blobs/uploads/`, {as: authorization});
	return {...world, provider, exchange, start};
}

test('a build gets a short token of a user for what the mapping says', async t => {
	const {addUser, ask, provider, exchange, start} = await makeWorld(t);
	await addUser('robot');
	const repo = {repositories: ['docker-local'], actions: {users: {robot: ['read', 'write']}}};
	t.is((await ask('POST', '/api/v2/security/permissions', {json: {name: 'robots', repo}})).status, 200);
	const claims = {repository: 'team/app', ref: 'refs/heads/main'};
	const answer = await exchange(await provider.buildToken({claims}));
	t.like(answer, {
		status: 200,
		json: {expires_in: 300, token_type: 'Bearer', username: 'robot', scope: mappings[0]?.scope},
	});
	t.like(answer.json, {issued_token_type: `${types}:access_token`});
	t.is(answer.headers.get('cache-control'), 'no-store');
	const {access_token: token, username, token_id: id} = answer.json as Exchanged;
	for (const authorization of [`Bearer ${token}`, basicAuthorization(username, token)]) {
		t.is((await start(authorization, 'team/app')).status, 202);
		t.is((await start(authorization, 'other/app')).status, 403);
		t.is((await ask('GET', '/v2/token', {as: authorization})).status, 200);
	}
	t.is((await ask('DELETE', `/access/api/v1/tokens/${id}`)).status, 200);
	t.is((await start(`Bearer ${token}`, 'team/app')).status, 401);
});

test('a build without a user has the rights of groups', async t => {
	const {ask, provider, exchange, start} = await makeWorld(t);
	t.is((await ask('PUT', '/api/security/groups/ci', {json: {}})).status, 201);
	const repo = {repositories: ['docker-local'], 'include-patterns': ['team/**'], actions: {groups: {ci: ['write']}}};
	t.is((await ask('POST', '/api/v2/security/permissions', {json: {name: 'ci', repo}})).status, 200);
	const answer = await exchange(await provider.buildToken({claims: {repository: 'team/app', ref: 'refs/heads/x'}}));
	t.like(answer, {status: 200, json: {expires_in: 120, username: 'ci/any'}});
	const {access_token: token} = answer.json as Exchanged;
	t.is((await start(basicAuthorization('ci/any', token), 'team/app')).status, 202);
	t.is((await start(`Bearer ${token}`, 'other/app')).status, 403);
	t.is((await ask('POST', '/access/api/v1/tokens', {as: `Bearer ${token}`, json: {}})).status, 403);
});

test('what is not good is refused, and the answer does not say what was wrong', async t => {
	const {provider, exchange, ask} = await makeWorld(t);
	const good = await provider.buildToken({claims: {repository: 'team/app'}});
	const elsewhere = await provider.buildToken({claims: {repository: 'team/app'}, audience: 'elsewhere'});
	const refused = [
		await exchange('x'),
		await exchange(`${good.slice(0, -8)}AAAAAAAA`),
		await exchange(elsewhere),
		await exchange(good, {provider_name: 'other'}),
		await exchange(good, {provider_name: 'constructor'}),
	];
	const text = refused[0]?.text;
	for (const answer of refused) {
		t.like(answer, {status: 401, text});
	}
	t.is((await exchange(await provider.buildToken({claims: {repository: 'other'}}))).status, 403);
	t.is((await exchange(await provider.buildToken({claims: {repository: 'gone'}}))).status, 400);
	t.is((await exchange(good, {grant_type: 'password'})).status, 400);
	t.is((await exchange(good, {subject_token_type: `${types}:saml2`})).status, 400);
	t.is((await exchange(good, {subject_token: undefined})).status, 400);
	t.is((await exchange('x'.repeat(70_000))).status, 413);
	await provider.pause();
	const {status, headers} = await (await makeWorldWithout(t, provider))(good);
	t.deepEqual([status, headers.get('retry-after')], [503, '5']);
	t.is((await ask('GET', '/v2/')).status, 200);
});

/** Another server, which has not seen the provider's keys. */
async function makeWorldWithout(t: ExecutionContext, provider: OpenidProvider) {
	const {ask} = await makeSecurityWorld(t, {realms: [await makeRealm(t, provider, {mappings})]});
	return (token: string) =>
		ask('POST', path, {
			as: undefined,
			json: {
				grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
				subject_token_type: `${types}:jwt`,
				subject_token: token,
				provider_name: 'ci',
			},
		});
}

test('a person becomes a user with his groups, and is nobody else’s user', async t => {
	const {addUser, ask, provider, exchange} = await makeWorld(t);
	const tokenOf = (name: string, groups: readonly string[] = []) =>
		provider.buildToken({claims: {preferred_username: name, groups}});
	const answer = await exchange(await tokenOf('ann', ['dev', 'other']));
	t.like(answer, {status: 200, json: {username: 'ann', scope: 'applied-permissions/user', expires_in: 3600}});
	const {access_token: token} = answer.json as Exchanged;
	t.like((await ask('GET', '/api/security/users/ann', {as: `Bearer ${token}`})).json, {
		realm: 'ci',
		groups: ['developers'],
		internalPasswordDisabled: true,
	});
	t.is((await exchange(await tokenOf('ann'))).status, 200);
	t.like((await ask('GET', '/api/security/users/ann')).json, {groups: undefined});
	await addUser('bob');
	for (const name of ['admin', 'bob', 'anonymous', 'a b']) {
		t.is((await exchange(await tokenOf(name))).status, 403, name);
	}
	await ask('POST', '/api/security/users/ann', {json: {status: 'DISABLED'}});
	t.is((await exchange(await tokenOf('ann'))).status, 403);
	t.is((await ask('GET', '/v2/', {as: `Bearer ${token}`})).status, 401);
});
