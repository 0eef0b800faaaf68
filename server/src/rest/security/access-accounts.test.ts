import test from 'ava';
import {makeSecurityWorld} from './fixtures/security-world.ts';

const users = '/access/api/v2/users';
const groups = '/access/api/v2/groups';

test('users and groups are made, shown, changed and deleted through the Access service', async t => {
	const {ask, url} = await makeSecurityWorld(t);
	const team = {name: 'team', description: 'A team', auto_join: false, admin_privileges: false, members: []};
	const made = await ask('POST', groups, {json: team});
	t.like(made, {status: 201, json: {...team, realm: 'internal'}});
	t.is((await ask('POST', groups, {json: team})).status, 409);
	const ann = {username: 'ann', password: 'correct horse', email: 'ann@example.org', groups: ['team']};
	const added = await ask('POST', users, {json: ann});
	const {password: _password, ...shown} = ann;
	t.like(added, {status: 201, json: {...shown, admin: false, status: 'enabled', profile_updatable: true}});
	t.notRegex(added.text, /password"|hash/);
	t.is((await ask('POST', users, {json: ann})).status, 409);
	t.is((await ask('POST', users, {json: {password: 'correct horse'}})).status, 400);
	const changed = await ask('PATCH', `${users}/ann`, {json: {status: 'disabled', email: ''}});
	t.like(changed, {status: 200, json: {username: 'ann', status: 'disabled', email: undefined, groups: ['team']}});
	t.deepEqual((await ask('GET', `${users}/ann`)).json, changed.json);
	const listed = {username: 'ann', uri: `${url}${users}/ann`, realm: 'internal', status: 'disabled'};
	t.like((await ask('GET', users)).json, {users: {1: listed}});
	t.deepEqual((await ask('GET', groups)).json, {groups: [{group_name: 'team', uri: `${url}${groups}/team`}]});
	const members = {add: ['guest'], remove: ['ann']};
	t.like(await ask('PATCH', `${groups}/team/members`, {json: members}), {status: 200, json: {members: ['guest']}});
	t.is((await ask('PATCH', `${groups}/team/members`, {json: {add: ['nobody']}})).status, 400);
	t.like((await ask('PATCH', `${groups}/team`, {json: {auto_join: true}})).json, {auto_join: true, members: ['guest']});
	t.like((await ask('GET', `${groups}/team`)).json, {description: 'A team', members: ['guest']});
	t.is((await ask('DELETE', `${users}/admin`)).status, 400);
	for (const path of [`${users}/ann`, `${groups}/team`]) {
		t.is((await ask('DELETE', path)).status, 204);
		t.is((await ask('DELETE', path)).status, 404);
		t.is((await ask('GET', path)).status, 404);
		t.is((await ask('PATCH', path, {json: {}})).status, 404);
	}
});
