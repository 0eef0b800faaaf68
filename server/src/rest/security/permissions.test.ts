import test from 'ava';
import {makeSecurityWorld} from './fixtures/security-world.ts';

const v1 = '/artifactory/api/security/permissions';
const v2 = '/artifactory/api/v2/security/permissions';

test('a permission target of the first API is made, read and deleted as JFrog’s clients do', async t => {
	const {ask, addUser, url} = await makeSecurityWorld(t);
	await addUser('ann');
	await ask('PUT', '/api/security/groups/team', {json: {}});
	const target = {
		name: 'target',
		includesPattern: 'team/**,app',
		excludesPattern: '**/secret/**',
		repositories: ['docker-local', 'ANY REMOTE'],
		principals: {users: {ann: ['r', 'w']}, groups: {team: ['m', 'd', 'n', 'r']}},
	};
	t.is((await ask('PUT', `${v1}/target`, {json: target})).status, 201);
	t.deepEqual((await ask('GET', `${v1}/target`)).json, {
		...target,
		principals: {users: {ann: ['r', 'w']}, groups: {team: ['r', 'n', 'd', 'm']}},
	});
	t.deepEqual((await ask('GET', v1)).json, [{name: 'target', uri: `${url}${v1}/target`}]);
	t.like((await ask('GET', `${v2}/target`)).json, {
		repo: {'include-patterns': ['team/**', 'app'], actions: {users: {ann: ['read', 'write']}}},
	});
	t.is((await ask('PUT', `${v1}/target`, {json: {repositories: ['ANY'], principals: {}}})).status, 201);
	t.like((await ask('GET', `${v1}/target`)).json, {includesPattern: '**', principals: {users: {}, groups: {}}});
	const deleted = await ask('DELETE', `${v1}/target`);
	t.like(deleted, {status: 200, text: "Successfully deleted permission Target 'target'"});
	t.like(await ask('GET', `${v1}/target`), {status: 404, json: {errors: [{status: 404}]}});
});

test('a permission target of the second API is made, read, changed and deleted as JFrog’s clients do', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	await addUser('ann');
	const target = {
		name: 'target',
		repo: {
			'include-patterns': ['team/**'],
			'exclude-patterns': [],
			repositories: ['docker-local'],
			actions: {users: {ann: ['read', 'annotate']}, groups: {}},
		},
		build: {
			'include-patterns': ['**'],
			'exclude-patterns': [],
			repositories: ['artifactory-build-info'],
			actions: {users: {ann: ['read']}, groups: {}},
		},
	};
	t.is((await ask('POST', `${v2}/target`, {json: target})).status, 200);
	t.deepEqual((await ask('GET', `${v2}/target`)).json, target);
	t.like(await ask('POST', `${v2}/target`, {json: target}), {status: 409, json: {errors: [{status: 409}]}});
	t.is((await ask('POST', v2, {json: {...target, name: 'other', build: null, releaseBundle: null}})).status, 200);
	t.deepEqual((await ask('GET', v2)).json as object[], [
		{name: 'other', uri: (await ask('GET', v2)).text.match(/http[^"]*other/)?.[0]},
		{name: 'target', uri: (await ask('GET', v2)).text.match(/http[^"]*target/)?.[0]},
	]);
	const changed = {name: 'target', repo: {...target.repo, 'exclude-patterns': ['**/x'], repositories: ['ANY LOCAL']}};
	t.is((await ask('PUT', `${v2}/target`, {json: changed})).status, 200);
	t.deepEqual((await ask('GET', `${v2}/target`)).json, changed);
	t.is((await ask('PUT', `${v2}/nothing`, {json: changed})).status, 404);
	t.is((await ask('DELETE', `${v2}/target`)).status, 200);
	t.is((await ask('DELETE', `${v2}/target`)).status, 404);
});

const refusals = [
	['an administrator', {principals: {users: {admin: ['r']}}}],
	['a user who is not there', {principals: {users: {nobody: ['r']}}}],
	['a group that is not there', {principals: {groups: {nobody: ['r']}}}],
	['a repository that is not there', {repositories: ['nowhere']}],
	['an action that is none', {principals: {users: {guest: ['q']}}}],
	['a pattern that is none', {includesPattern: 'a/../b'}],
	['a text where a list is asked for', {repositories: 'docker-local'}],
] as const;

for (const [what, json] of refusals) {
	test(`a permission target with ${what} is refused with 400, and nothing is kept of it`, async t => {
		const {ask} = await makeSecurityWorld(t);
		const answer = await ask('PUT', `${v1}/target`, {json: {repositories: [], ...json}});
		t.like(answer, {status: 400, json: {errors: [{status: 400}]}});
		t.is((await ask('GET', `${v1}/target`)).status, 404);
	});
}

test('rights change on this node as soon as the answer is there', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	await ask('PUT', '/api/security/groups/team', {json: {userNames: ['ann']}});
	const {token} = (await ask('GET', '/v2/token?scope=repository:docker-local/team/app:pull', {as: ann})).json as {
		token: string;
	};
	const statuses = async () => {
		const list = (as: string) => ask('GET', '/v2/docker-local/team/app/tags/list', {as});
		const {json} = await ask('GET', '/v2/token?scope=repository:docker-local/team/app:pull', {as: ann});
		const fresh = `Bearer ${(json as {token: string}).token}`;
		return [(await list(ann)).status, (await list(fresh)).status];
	};
	t.deepEqual(await statuses(), [403, 403]);
	const section = {repositories: ['docker-local'], includesPattern: 'team/**'};
	await ask('PUT', `${v1}/target`, {json: {...section, principals: {groups: {team: ['r']}}}});
	t.deepEqual(await statuses(), [404, 404]);
	await ask('POST', '/api/security/groups/team', {json: {userNames: []}});
	t.deepEqual(await statuses(), [403, 403]);
	await ask('PUT', `${v1}/target`, {json: {...section, principals: {users: {ann: ['r']}}}});
	t.deepEqual(await statuses(), [404, 404]);
	await ask('PUT', `${v1}/target`, {
		json: {...section, excludesPattern: 'team/app', principals: {users: {ann: ['r']}}},
	});
	t.deepEqual(await statuses(), [403, 403]);
	await ask('DELETE', `${v1}/target`);
	t.deepEqual(await statuses(), [403, 403]);
	t.is((await ask('GET', '/v2/', {as: `Bearer ${token}`})).status, 200);
});

function section(actions: object, more = {}): object {
	const places = {'include-patterns': ['team/**'], 'exclude-patterns': [], repositories: ['docker-local']};
	return {...places, actions, ...more};
}

test('who manages a permission target shows it and changes what users and groups may, and nothing else', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const [ann, bob, eve] = [await addUser('ann'), await addUser('bob'), await addUser('eve')];
	await ask('PUT', '/api/security/groups/owners', {json: {userNames: ['bob']}});
	const path = '/api/v2/security/permissions/team';
	const actions = {users: {ann: ['read', 'manage']}, groups: {owners: ['manage']}};
	const build = section({users: {}, groups: {}}, {repositories: ['artifactory-build-info']});
	t.is((await ask('POST', path, {json: {repo: section(actions), build}})).status, 200);
	for (const as of [ann, bob]) {
		t.like((await ask('GET', path, {as})).json, {name: 'team'});
	}
	const more = {...actions, users: {...actions.users, eve: ['read']}};
	t.is((await ask('PUT', path, {as: bob, json: {repo: section(more), build}})).status, 200);
	t.is((await ask('GET', '/v2/docker-local/team/app/tags/list', {as: eve})).status, 404);
	for (const json of [
		{repo: section(more, {repositories: ['docker-local', 'docker-dev']}), build},
		{repo: section(more, {'include-patterns': ['**']}), build},
		{repo: section(more)},
		{repo: section(more), build: {...build, actions: {users: {ann: ['read']}, groups: {}}}},
	]) {
		t.is((await ask('PUT', path, {as: ann, json})).status, 403, JSON.stringify(json));
	}
	t.is((await ask('DELETE', path, {as: ann})).status, 403);
	t.is((await ask('POST', '/api/v2/security/permissions/other', {as: ann, json: {repo: section(more)}})).status, 403);
	const refusals = [path, '/api/v2/security/permissions/missing'].flatMap(target => [
		ask('GET', target, {as: eve}),
		ask('PUT', target, {as: eve, json: {repo: section(more), build}}),
	]);
	const [first, ...others] = (await Promise.all(refusals)).map(({status, text}) => `${status} ${text}`);
	t.regex(first ?? '', /^403 /);
	t.true(others.every(other => other === first));
	const left = {users: {ann: ['read', 'manage']}, groups: {}};
	t.is((await ask('PUT', path, {as: ann, json: {repo: section(left), build}})).status, 200);
	t.is((await ask('GET', path, {as: bob})).status, 403);
});
