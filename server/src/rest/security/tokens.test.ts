import test from 'ava';
import {basicAuthorization} from '../../auth/authorization-header.ts';
import {makeSecurityWorld} from './fixtures/security-world.ts';

const tokens = '/access/api/v1/tokens';
const legacy = '/artifactory/api/security/token';
const apiKey = '/artifactory/api/security/apiKey';

interface Issued {
	readonly token_id: string;
	readonly access_token: string;
	readonly refresh_token?: string;
	readonly reference_token?: string;
	readonly expires_in?: number;
	readonly scope: string;
}

function waysFor(secret: string) {
	return [
		{as: `Bearer ${secret}`},
		{as: basicAuthorization('ann', secret)},
		{as: undefined, headers: {'X-JFrog-Art-Api': secret}},
	];
}

test('an access token is made, used in each way, described and revoked as JFrog’s clients do', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	await addUser('ann');
	// jfrog-client-go: accesstoken.go.
	const sent = {
		username: 'ann',
		scope: 'applied-permissions/user',
		expires_in: 3600,
		refreshable: true,
		description: 'CI',
		include_reference_token: true,
		audience: 'jfrt@*',
		project_key: '',
	};
	const answer = await ask('POST', tokens, {json: sent});
	const issued = answer.json as Issued;
	t.like(answer, {status: 200, json: {expires_in: 3600, scope: 'applied-permissions/user', token_type: 'Bearer'}});
	t.is(answer.headers.get('cache-control'), 'no-store');
	const {access_token: access, reference_token: reference = '', refresh_token: refresh = ''} = issued;
	const payload = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64').toString()) as Record<string, unknown>;
	t.regex(String(payload['sub']), /^stowage@[0-9a-f]+\/users\/ann$/);
	t.notRegex(access.split('.')[1] ?? '', /[-_]/);
	const ways = [access, reference].flatMap(waysFor);
	for (const way of ways) {
		t.is((await ask('GET', '/v2/', way)).status, 200);
		t.like((await ask('GET', '/api/security/users/ann', way)).json, {name: 'ann'});
		t.is((await ask('GET', '/v2/token', way)).status, 200);
	}
	t.is((await ask('GET', '/v2/', {as: basicAuthorization('bob', reference)})).status, 401);
	const described = (await ask('GET', `${tokens}/me`, {as: `Bearer ${access}`})).json;
	t.like(described, {token_id: issued.token_id, description: 'CI', refreshable: true});
	t.deepEqual((await ask('GET', `${tokens}/${issued.token_id}`)).json, described);
	t.like((await ask('GET', tokens)).json, {tokens: [described]});
	t.is((await ask('DELETE', `${tokens}/${issued.token_id}`)).status, 200);
	for (const way of ways) {
		t.is((await ask('GET', '/v2/', way)).status, 401);
	}
	t.is(
		(await ask('POST', tokens, {as: undefined, json: {grant_type: 'refresh_token', refresh_token: refresh}})).status,
		401,
	);
	t.is((await ask('DELETE', `${tokens}/${issued.token_id}`)).status, 404);
});

test('a refresh token gives another token, once', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	const wanted = {refreshable: true, expires_in: 600, include_reference_token: true};
	const first = (await ask('POST', tokens, {as: ann, json: wanted})).json as Issued;
	const refresh = {grant_type: 'refresh_token', refresh_token: first.refresh_token, access_token: first.access_token};
	const second = (await ask('POST', tokens, {as: undefined, json: refresh})).json as Issued;
	t.like(second, {expires_in: 600, scope: 'applied-permissions/user'});
	t.is((await ask('GET', '/v2/', {as: `Bearer ${first.access_token}`})).status, 401);
	t.is((await ask('GET', '/v2/', {as: `Bearer ${second.access_token}`})).status, 200);
	t.is((await ask('GET', '/v2/', {as: `Bearer ${second.reference_token}`})).status, 200);
	t.is((await ask('POST', tokens, {as: undefined, json: refresh})).status, 401);
	const legacyForm = {grant_type: 'refresh_token', refresh_token: second.refresh_token ?? ''};
	const third = (await ask('POST', legacy, {as: undefined, form: legacyForm})).json as Issued;
	t.is((await ask('GET', '/v2/', {as: `Bearer ${third.access_token}`})).status, 200);
	await ask('POST', '/api/security/users/ann', {json: {status: 'DISABLED'}});
	const last = {grant_type: 'refresh_token', refresh_token: third.refresh_token};
	t.is((await ask('POST', tokens, {as: undefined, json: last})).status, 401);
});

test('the older API makes, lists and revokes tokens with forms', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	const form = {username: 'ann', scope: 'member-of-groups:*', expires_in: '', refreshable: 'true', audience: 'jfrt@*'};
	const issued = (await ask('POST', legacy, {form})).json as Issued;
	t.is(issued.expires_in, 3600);
	const list = (await ask('GET', legacy, {as: ann})).json as {tokens: {token_id: string; subject: string}[]};
	t.deepEqual(
		list.tokens.map(({token_id: id, subject}) => [id, subject.replace(/.*\//, '')]),
		[[issued.token_id, 'ann']],
	);
	const revoked = await ask('POST', `${legacy}/revoke`, {as: ann, form: {token: issued.access_token}});
	t.like(revoked, {status: 200, text: 'Token revoked'});
	t.is((await ask('GET', '/v2/', {as: `Bearer ${issued.access_token}`})).status, 401);
	const other = (await ask('POST', legacy, {as: ann, form: {}})).json as Issued;
	t.is((await ask('POST', `${legacy}/revoke`, {form: {token_id: other.token_id}})).status, 200);
	t.is((await ask('POST', `${legacy}/revoke`, {form: {token_id: other.token_id}})).status, 404);
	t.is((await ask('POST', `${legacy}/revoke`, {form: {}})).status, 400);
	const lasting = (await ask('POST', legacy, {form: {username: 'ann', expires_in: '0'}})).json as Issued;
	t.is(lasting.expires_in, undefined);
	t.is((await ask('GET', '/v2/', {as: `Bearer ${lasting.access_token}`})).status, 200);
});

test('nobody makes a token for more than he may himself', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	await addUser('bob');
	const make = async (json: object, as = ann) => (await ask('POST', tokens, {as, json})).status;
	t.is(await make({username: 'bob'}), 403);
	t.is(await make({username: 'nobody', scope: 'applied-permissions/groups:a'}), 403);
	t.is(await make({scope: 'applied-permissions/admin'}), 403);
	t.is(await make({expires_in: 0}), 403);
	t.is(await make({expires_in: 31_536_001}), 403);
	t.is(await make({scope: 'everything'}), 400);
	t.is(await make({expires_in: -1}), 400);
	t.is(await make({}), 200);
	const {token} = (await ask('GET', '/v2/token', {as: ann})).json as {token: string};
	t.is(await make({}, `Bearer ${token}`), 403);
	const narrow = (await ask('POST', tokens, {as: ann, json: {scope: 'artifact:docker-local/team/**:r'}}))
		.json as Issued;
	t.is(await make({}, `Bearer ${narrow.access_token}`), 403);
	t.is((await ask('GET', apiKey, {as: `Bearer ${narrow.access_token}`})).status, 403);
	t.is((await ask('POST', apiKey, {as: `Bearer ${narrow.access_token}`})).status, 403);
	t.is((await ask('POST', tokens, {as: undefined, json: {}})).status, 401);
	t.is((await ask('POST', tokens, {json: {username: 'bob', scope: 'applied-permissions/admin'}})).status, 400);
	t.is((await ask('POST', tokens, {json: {username: 'robot'}})).status, 400);
	t.is((await ask('POST', tokens, {json: {username: 'robot', scope: 'applied-permissions/groups:a'}})).status, 200);
});

test('tokens of others are not to be seen or revoked', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const [ann, bob] = [await addUser('ann'), await addUser('bob')];
	const {token_id: id, access_token: token} = (await ask('POST', tokens, {as: bob, json: {}})).json as Issued;
	for (const [method, path, sent] of [
		['GET', `${tokens}/${id}`, {}],
		['DELETE', `${tokens}/${id}`, {}],
		['DELETE', `${tokens}/revoke`, {json: {token}}],
		['POST', `${legacy}/revoke`, {form: {token_id: id}}],
		['POST', `${legacy}/revoke`, {form: {token}}],
	] as const) {
		t.is((await ask(method, path, {as: ann, ...sent})).status, 404, `${method} ${path}`);
	}
	t.deepEqual((await ask('GET', tokens, {as: ann})).json, {tokens: []});
	t.is((await ask('GET', '/v2/', {as: `Bearer ${token}`})).status, 200);
	t.is((await ask('DELETE', `${tokens}/revoke`, {as: bob, json: {token}})).status, 200);
	t.is((await ask('GET', '/v2/', {as: `Bearer ${token}`})).status, 401);
});

test('an API key is made, shown, used in each way, renewed and revoked as JFrog’s clients do', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	t.deepEqual((await ask('GET', apiKey, {as: ann})).json, {});
	const made = await ask('POST', apiKey, {as: ann});
	const {apiKey: key} = made.json as {apiKey: string};
	t.is(made.status, 201);
	t.regex(key, /^AKCp8[A-Za-z0-9]{68}$/);
	t.deepEqual((await ask('GET', apiKey, {as: ann})).json, {apiKey: key});
	t.is((await ask('POST', apiKey, {as: ann})).status, 400);
	for (const way of waysFor(key)) {
		t.like((await ask('GET', '/api/security/users/ann', way)).json, {name: 'ann'});
	}
	const {apiKey: renewed} = (await ask('PUT', apiKey, {as: ann})).json as {apiKey: string};
	t.not(renewed, key);
	for (const [secret, status] of [
		[key, 401],
		[renewed, 200],
	] as const) {
		for (const way of waysFor(secret)) {
			t.is((await ask('GET', '/v2/', way)).status, status);
		}
	}
	t.like((await ask('DELETE', apiKey, {as: ann})).json, {
		info: "API key for user: 'ann' has been successfully revoked",
	});
	t.is((await ask('DELETE', apiKey, {as: ann})).status, 404);
	t.is((await ask('GET', '/v2/', {as: basicAuthorization('ann', renewed)})).status, 401);
	await ask('POST', apiKey, {as: ann});
	t.is((await ask('DELETE', `${apiKey}/ann`)).status, 200);
	t.is((await ask('DELETE', `${apiKey}/nobody`)).status, 404);
	t.deepEqual((await ask('GET', apiKey, {as: ann})).json, {});
});

test('what a token was used to get at the token end-point ends with it', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	const {token_id: id, access_token: access} = (await ask('POST', tokens, {as: ann, json: {}})).json as Issued;
	const {apiKey: key} = (await ask('POST', apiKey, {as: ann})).json as {apiKey: string};
	const sessions = await Promise.all(
		[access, key].map(async secret => {
			const {json} = await ask('GET', '/v2/token?offline_token=true', {as: basicAuthorization('ann', secret)});
			t.false('refresh_token' in (json as object));
			return `Bearer ${(json as {token: string}).token}`;
		}),
	);
	const statuses = () => Promise.all(sessions.map(async as => (await ask('GET', '/v2/', {as})).status));
	t.deepEqual(await statuses(), [200, 200]);
	await ask('DELETE', `${tokens}/${id}`);
	t.deepEqual(await statuses(), [401, 200]);
	await ask('DELETE', apiKey, {as: ann});
	t.deepEqual(await statuses(), [401, 401]);
});
