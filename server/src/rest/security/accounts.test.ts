import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {basicAuthorization} from '../../auth/authorization-header.ts';
import {makeSecurityWorld} from './fixtures/security-world.ts';

const users = '/artifactory/api/security/users';
const groups = '/artifactory/api/security/groups';

test('a user is made, read, changed and deleted as JFrog’s clients do', async t => {
	const {ask, url} = await makeSecurityWorld(t);
	await ask('PUT', `${groups}/readers`, {json: {name: 'readers', autoJoin: true}});
	// jfrog-client-go: users.go sends its whole structure.
	const sent = {
		name: 'ann',
		email: 'ann@example.org',
		password: 'correct horse',
		admin: false,
		profileUpdatable: true,
		disableUIAccess: false,
		internalPasswordDisabled: false,
		shouldInvite: false,
		groups: null,
		watchManager: false,
	};
	t.is((await ask('PUT', `${users}/ann`, {json: sent})).status, 201);
	const expected = {
		name: 'ann',
		email: 'ann@example.org',
		admin: false,
		profileUpdatable: true,
		disableUIAccess: false,
		internalPasswordDisabled: false,
		realm: 'internal',
		groups: ['readers'],
		status: 'ENABLED',
		mfaStatus: 'NONE',
		policyManager: false,
		watchManager: false,
		reportsManager: false,
	};
	t.deepEqual((await ask('GET', `${users}/ann`)).json, expected);
	t.is((await ask('POST', `${users}/ann`, {json: {email: '', profileUpdatable: false, groups: []}})).status, 200);
	const {email: _email, groups: _groups, ...rest} = expected;
	t.deepEqual((await ask('GET', `${users}/ann`)).json, {...rest, profileUpdatable: false});
	const listed = {name: 'ann', uri: `${url}${users}/ann`, realm: 'internal', status: 'ENABLED'};
	t.like((await ask('GET', users)).json, {1: listed});
	const gone = await ask('DELETE', `${users}/ann`);
	t.like(gone, {status: 200, text: "User 'ann' has been removed successfully."});
	t.like(await ask('GET', `${users}/ann`), {
		status: 404,
		json: {errors: [{status: 404, message: 'there is no user "ann"'}]},
	});
	t.is((await ask('DELETE', `${users}/ann`)).status, 404);
});

const refusedUsers = [
	['without a password', 'bob', {email: 'bob@example.org'}],
	['with a short password', 'bob', {password: 'short'}],
	['with what is no email address', 'bob', {password: 'correct horse', email: 'bob'}],
	['of a group that is not there', 'bob', {password: 'correct horse', groups: ['nobody']}],
	['whose name cannot be sent in Basic', 'bob:', {password: 'correct horse'}],
	['whose name is a path', '..%2Fbob', {password: 'correct horse'}],
	['named anonymous with a password', 'anonymous', {password: 'correct horse'}],
	['whose admin is a text', 'bob', {password: 'correct horse', admin: 'true'}],
] as const;

for (const [what, name, json] of refusedUsers) {
	test(`a user ${what} is refused with 400`, async t => {
		const {ask} = await makeSecurityWorld(t);
		const answer = await ask('PUT', `${users}/${name}`, {json});
		t.like(answer, {status: 400, json: {errors: [{status: 400}]}});
		t.false(answer.text.includes('correct horse'));
	});
}

test('the last administrator stays, and nobody deletes himself', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	t.is((await ask('POST', `${users}/admin`, {json: {admin: false}})).status, 400);
	t.is((await ask('POST', `${users}/admin`, {json: {status: 'DISABLED'}})).status, 400);
	t.is((await ask('DELETE', `${users}/admin`)).status, 400);
	const root = await addUser('root', {admin: true});
	t.is((await ask('DELETE', `${users}/admin`, {as: root})).status, 200);
	t.is((await ask('GET', users, {as: root})).status, 200);
});

test('a user changes of himself his email address and nothing more', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	await addUser('bob');
	for (const json of [
		{admin: true},
		{email: 'new@example.org', admin: true},
		{groups: ['owners']},
		{password: 'better horse'},
		{status: 'ENABLED'},
		{profileUpdatable: true},
	]) {
		t.is((await ask('POST', `${users}/ann`, {as: ann, json})).status, 403, JSON.stringify(json));
	}
	t.like((await ask('GET', `${users}/ann`, {as: ann})).json, {admin: false, email: 'ann@example.org'});
	t.is((await ask('POST', `${users}/ann`, {as: ann, json: {email: 'new@example.org'}})).status, 200);
	t.like((await ask('GET', `${users}/ann`, {as: ann})).json, {email: 'new@example.org'});
	for (const other of ['bob', 'nobody']) {
		t.is((await ask('GET', `${users}/${other}`, {as: ann})).status, 403);
		t.is((await ask('POST', `${users}/${other}`, {as: ann, json: {email: 'new@example.org'}})).status, 403);
	}
	await ask('POST', `${users}/ann`, {json: {profileUpdatable: false}});
	t.is((await ask('POST', `${users}/ann`, {as: ann, json: {email: 'other@example.org'}})).status, 403);
});

test('no answer shows a password or a hash of one', async t => {
	const {ask, addUser, rest} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	const {passwordHash = ''} = (await rest.metadata.users.find('ann')) ?? {};
	t.regex(passwordHash, /^\$argon2id/);
	const answers = await Promise.all([
		ask('GET', users),
		ask('GET', `${users}/ann`),
		ask('GET', `${users}/ann`, {as: ann}),
		ask('GET', `${users}?passwordHash=${encodeURIComponent(passwordHash)}`),
		ask('GET', `${groups}/readers?includeUsers=true`),
	]);
	for (const {text} of answers) {
		t.notRegex(text, /hash|argon2|correct horse/i);
	}
});

test('a password is changed by who knows the old one, and tokens by it end', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	const {token} = (await ask('GET', '/v2/token', {as: ann})).json as {token: string};
	const change = (more: object, as = ann) =>
		ask('POST', `${users}/authorization/changePassword`, {
			as,
			json: {
				userName: 'ann',
				oldPassword: 'correct horse',
				newPassword1: 'better horse',
				newPassword2: 'better horse',
				...more,
			},
		});
	t.is((await change({oldPassword: 'wrong horse'})).status, 400);
	t.is((await change({newPassword2: 'other horse'})).status, 400);
	t.is((await change({userName: 'admin'})).status, 403);
	t.is((await change({}, `Bearer ${token}`)).status, 403);
	t.is((await change({newPassword1: 'short', newPassword2: 'short'})).status, 400);
	t.is((await change({})).status, 200);
	t.is((await ask('GET', `${users}/ann`, {as: ann})).status, 401);
	t.is((await ask('GET', '/v2/', {as: `Bearer ${token}`})).status, 401);
	t.is((await ask('GET', `${users}/ann`, {as: basicAuthorization('ann', 'better horse')})).status, 200);
});

test('who was locked out is listed by name, and can be let in again', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const ann = await addUser('ann');
	// Until the name has to wait for so long that also a busy machine comes to the next steps before.
	for (let [wait, tries] = [0, 0]; wait < 4; tries += 1) {
		await setTimeout(wait * 1000);
		await ask('GET', '/v2/', {as: basicAuthorization('a password in the wrong field', `wrong ${tries}`)});
		const {headers} = await ask('GET', '/v2/', {as: basicAuthorization('ann', `wrong ${tries}`)});
		wait = Number(headers.get('retry-after'));
	}
	t.is((await ask('GET', '/v2/', {as: ann})).status, 429);
	t.deepEqual((await ask('GET', '/api/security/lockedUsers')).json, ['ann']);
	t.is((await ask('POST', '/api/security/unlockUsers/ann')).status, 200);
	t.deepEqual((await ask('GET', '/api/security/lockedUsers')).json, []);
	t.is((await ask('GET', '/v2/', {as: ann})).status, 200);
	t.is((await ask('POST', '/api/security/unlockUsers', {json: ['ann']})).status, 200);
	t.is((await ask('POST', '/api/security/unlockAllUsers')).status, 200);
});

test('a group is made, read, changed and deleted as JFrog’s clients do', async t => {
	const {ask, addUser, url} = await makeSecurityWorld(t);
	await addUser('ann');
	const sent = {name: 'team', description: 'A team', autoJoin: false, adminPrivileges: false, realm: 'internal'};
	t.is((await ask('PUT', `${groups}/team`, {json: {...sent, userNames: ['ann'], policyManager: false}})).status, 201);
	const expected = {name: 'team', description: 'A team', autoJoin: false, adminPrivileges: false, realm: 'internal'};
	t.deepEqual((await ask('GET', `${groups}/team`)).json, expected);
	t.deepEqual((await ask('GET', `${groups}/team?includeUsers=true`)).json, {...expected, userNames: ['ann']});
	t.is((await ask('POST', `${groups}/team`, {json: {description: 'Other', userNames: []}})).status, 200);
	t.deepEqual((await ask('GET', `${groups}/team?includeUsers=true`)).json, {
		...expected,
		description: 'Other',
		userNames: [],
	});
	t.deepEqual((await ask('GET', groups)).json, [{name: 'team', uri: `${url}${groups}/team`}]);
	t.is((await ask('POST', `${groups}/other`, {json: {description: 'x'}})).status, 404);
	t.is((await ask('PUT', `${groups}/other`, {json: {userNames: ['nobody']}})).status, 400);
	t.is((await ask('GET', `${groups}/other`)).status, 404);
	t.is((await ask('PUT', `${groups}/a%2Cb`, {json: {}})).status, 400);
	t.is((await ask('DELETE', `${groups}/team`)).status, 200);
	t.is((await ask('DELETE', `${groups}/team`)).status, 404);
});
