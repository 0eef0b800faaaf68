import {digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {basicAuthorization} from '../auth/authorization-header.ts';
import {makeSecurityWorld} from '../rest/security/fixtures/security-world.ts';
import type {shownEntry} from './shown-entry.ts';

type Entry = ReturnType<typeof shownEntry>;

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const config = Buffer.from('{}');
const manifest = JSON.stringify({
	schemaVersion: 2,
	mediaType: manifestType,
	config: {mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length},
	layers: [],
});

async function makeWorld(t: ExecutionContext) {
	const world = await makeSecurityWorld(t);
	/** Entries that the API shows, the oldest first. */
	const entries = async (query = ''): Promise<readonly Entry[]> => {
		await world.parts.audit.flush();
		const answer = await world.ask('GET', `/api/audit?limit=1000${query}`);
		t.is(answer.status, 200, answer.text);
		return (answer.json as {entries: Entry[]}).entries.toReversed();
	};
	const push = async (path: string, authorization: string) => {
		const headers = {authorization, 'content-type': manifestType};
		const started = `${world.url}/v2/docker-local/app/blobs/uploads/?digest=${digestOf(config)}`;
		await fetch(started, {method: 'POST', headers: {authorization}, body: config});
		return fetch(world.url + path, {method: 'PUT', headers, body: manifest});
	};
	return {...world, entries, push};
}

test('each change has an entry: who, what, from where, what was asked for and what became of it', async t => {
	const {ask, entries, addUser} = await makeWorld(t);
	await addUser('ann', {admin: false});
	await ask('POST', '/artifactory/api/security/users/ann', {json: {admin: true}});
	await ask('POST', '/api/security/users/nobody', {json: {admin: true}, headers: {'x-request-id': 'mine'}});
	await ask('PUT', '/api/security/groups/team', {json: {description: 'A team', userNames: ['ann']}});
	await ask('DELETE', '/api/security/users/ann');
	const shown = await entries();
	t.deepEqual(
		shown.map(({action, status}) => `${action} ${status}`),
		['user.save 201', 'user.change 200', 'user.change 404', 'group.save 201', 'user.delete 200'],
	);
	t.like(shown[1], {
		kind: 'change',
		user: 'admin',
		target: '/artifactory/api/security/users/ann',
		address: '127.0.0.1',
		count: 1,
		details: {asked: {admin: true}},
	});
	t.is(shown[2]?.requestId, 'mine');
	t.true(Date.parse(shown[0]?.time ?? '') <= Date.now());
});

test('pushes and deletions of manifests and blobs are changes; pulls and blobs on their way are none', async t => {
	const {url, entries, push, admin} = await makeWorld(t);
	t.is((await push('/v2/docker-local/app/manifests/1', admin)).status, 201);
	const headers = {authorization: admin};
	await fetch(`${url}/v2/docker-local/app/manifests/1`, {headers});
	await fetch(`${url}/v2/docker-local/app/blobs/${digestOf(config)}`, {headers});
	await fetch(`${url}/v2/token`, {headers});
	await fetch(`${url}/v2/docker-local/app/manifests/1`, {method: 'DELETE', headers});
	await fetch(`${url}/v2/docker-local/app/blobs/${digestOf(Buffer.from('x'))}`, {method: 'DELETE', headers});
	const shown = await entries();
	t.deepEqual(
		shown.map(({action, status, repository}) => `${action} ${status} ${repository}`),
		['manifest.push 201 docker-local', 'manifest.delete 202 docker-local', 'blob.delete 404 docker-local'],
	);
	t.deepEqual(shown[0]?.details, {digest: digestOf(Buffer.from(manifest)), tags: ['1']});
});

test('tokens and keys that are made, renewed and revoked are named, and no entry holds a secret', async t => {
	const {ask, entries, addUser, rest} = await makeWorld(t);
	const ann = await addUser('ann');
	const json = {refreshable: true, include_reference_token: true};
	const issued = (await ask('POST', '/access/api/v1/tokens', {as: ann, json})).json as Record<string, string>;
	const renewal = {grant_type: 'refresh_token', refresh_token: issued['refresh_token']};
	const renewed = (await ask('POST', '/access/api/v1/tokens', {as: undefined, json: renewal})).json as typeof issued;
	await ask('POST', '/api/security/token/revoke', {as: ann, form: {token: renewed['access_token'] ?? ''}});
	const key = (await ask('POST', '/api/security/apiKey', {as: ann})).json as {apiKey: string};
	const passwords = {oldPassword: 'correct horse', newPassword1: 'battery staple', newPassword2: 'battery staple'};
	await ask('POST', '/api/security/users/authorization/changePassword', {
		as: ann,
		json: {userName: 'ann', ...passwords},
	});
	await ask('PUT', '/api/repositories/hub', {
		json: {rclass: 'remote', packageType: 'docker', url: 'https://u:pw-in-url@x.example', password: 'upstream-pw'},
	});
	const shown = await entries();
	t.deepEqual(
		shown.slice(1).map(({action, user}) => `${action} ${user}`),
		[
			'token.issue ann',
			'token.issue anonymous',
			'token.revoke ann',
			'api-key.add ann',
			'password.change ann',
			'repository.add admin',
		],
	);
	t.like(shown[1]?.details, {issued: {tokenId: issued['token_id'], subject: 'ann'}});
	t.like(shown[3]?.details, {revoked: {tokenId: renewed['token_id'], subject: 'ann'}});
	const rows = JSON.stringify(await rest.metadata.audit.list({limit: 1000}));
	const secrets = [
		...Object.entries({...issued, ...renewed}).flatMap(([name, value]) => (name.endsWith('_token') ? [value] : [])),
		key.apiKey,
		...Object.values(passwords),
		'pw-in-url',
		'upstream-pw',
	];
	t.true(secrets.length >= 9);
	t.deepEqual(
		secrets.filter(secret => rows.includes(secret)),
		[],
	);
});

test('refusals are counted: wrong credentials, missing rights and who has to wait, but not who was only asked to sign in', async t => {
	const {url, ask, entries, push, addUser} = await makeWorld(t);
	const ann = await addUser('ann');
	t.is((await push('/v2/docker-local/app/manifests/1', ann)).status, 403);
	await ask('DELETE', '/api/security/users/admin', {as: ann});
	await fetch(`${url}/v2/`);
	await fetch(`${url}/v2/token`);
	const guess = async () =>
		(await ask('GET', '/v2/token', {as: basicAuthorization('ann', 'my other password')})).status;
	let guesses = 0;
	while ((await guess()) === 401) {
		guesses += 1;
	}
	await ask('GET', '/v2/', {as: basicAuthorization('no such user', 'x')});
	const form = {grant_type: 'password', username: 'admin', password: 'wrong', service: 'x'};
	await ask('POST', '/v2/token', {as: undefined, form});
	const shown = (await entries('&kind=refusal')).map(
		({action, user, status, count}) => `${action} ${user} ${status} ${count}`,
	);
	t.deepEqual(
		shown.toSorted(),
		[
			'GET /v2/ undefined 401 1',
			`GET /v2/token ann 401 ${guesses}`,
			'GET /v2/token ann 429 1',
			'POST /v2/*image/blobs/uploads/ ann 403 1',
			'POST /v2/token anonymous 401 1',
			'manifest.push ann 403 1',
			'user.delete ann 403 1',
		].toSorted(),
	);
});

test('a flood of tries that handlers refuse leaves one row', async t => {
	const {ask, addUser, rest, parts} = await makeWorld(t);
	const ann = await addUser('ann');
	for (let tries = 0; tries < 20; tries++) {
		t.is((await ask('POST', '/api/security/users/admin', {as: ann, json: {email: 'x@example.org'}})).status, 403);
	}
	await parts.audit.flush();
	const {items} = await rest.metadata.audit.list({limit: 100, user: 'ann'});
	t.deepEqual(
		items.map(({kind, action, count}) => [kind, action, count]),
		[['refusal', 'user.change', 20]],
	);
});

test('keys of repositories that nobody has made no refusal of another kind', async t => {
	const {ask, entries} = await makeWorld(t);
	const stranger = basicAuthorization('no such user', 'x');
	for (const key of ['docker-local', 'thought-up', 'another']) {
		t.is((await ask('GET', `/v2/${key}/app/tags/list`, {as: stranger})).status, 401);
	}
	t.deepEqual((await entries('&kind=refusal')).map(({repository, count}) => `${repository} ${count}`).toSorted(), [
		'docker-local 1',
		'undefined 2',
	]);
});

test('the log is read by user, action, time and page, by administrators', async t => {
	const {ask, entries, addUser} = await makeWorld(t);
	const ann = await addUser('ann');
	await addUser('bob');
	await ask('POST', '/api/security/apiKey', {as: ann});
	t.is((await entries('&user=ann')).length, 1);
	t.is((await entries('&action=user.save')).length, 2);
	t.is((await entries('&from=2999-01-01T00:00:00Z')).length, 0);
	t.is((await entries('&until=2999-01-01T00:00:00Z')).length, 3);
	const first = (await ask('GET', '/api/audit?limit=2')).json as {entries: Entry[]; next: string};
	t.deepEqual(
		first.entries.map(({action}) => action),
		['api-key.add', 'user.save'],
	);
	const second = (await ask('GET', `/api/audit?limit=2&after=${first.next}`)).json as {entries: Entry[]};
	t.deepEqual(
		second.entries.map(({target}) => target),
		['/api/security/users/ann'],
	);
	t.is((await ask('GET', '/api/audit?from=yesterday')).status, 400);
	t.is((await ask('GET', '/api/audit?limit=100000')).status, 400);
	t.is((await ask('GET', '/api/audit', {as: ann})).status, 403);
});

test('without its row no change is made', async t => {
	const {ask, addUser, rest} = await makeWorld(t);
	await addUser('ann');
	const {audit} = rest.metadata;
	const insert = audit.insert.bind(audit);
	audit.insert = async () => {
		throw new Error('the disk is full');
	};
	t.is((await ask('DELETE', '/api/security/users/ann')).status, 500);
	audit.insert = insert;
	t.is((await ask('GET', '/api/security/users/ann')).status, 200);
});
