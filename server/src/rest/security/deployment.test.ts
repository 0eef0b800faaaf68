import {createHash} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import {makeSecurityWorld} from './fixtures/security-world.ts';

const mediaType = 'application/vnd.oci.image.index.v1+json';
const permissions = '/api/security/permissions';

function index(text: string): string {
	return JSON.stringify({schemaVersion: 2, mediaType, manifests: [], annotations: {text}});
}

function digestOf(text: string): string {
	return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

async function makeWorld(t: ExecutionContext, letters: readonly string[]) {
	const world = await makeSecurityWorld(t);
	const ann = await world.addUser('ann');
	const section = {repositories: ['docker-local'], includesPattern: 'team/**', excludesPattern: '**/secret/**'};
	await world.ask('PUT', `${permissions}/target`, {json: {...section, principals: {users: {ann: letters}}}});
	const put = async (path: string, text: string, as = ann) => {
		const body = index(text);
		const headers = {authorization: as, 'content-type': mediaType};
		return (await fetch(`${world.url}/v2/docker-local/${path}`, {method: 'PUT', headers, body})).status;
	};
	return {...world, ann, put};
}

test('who may write and not delete makes tags and moves none', async t => {
	const {ask, ann, put} = await makeWorld(t, ['r', 'w']);
	t.is(await put('team/app/manifests/latest', 'one'), 201);
	t.is(await put('team/app/manifests/latest', 'one'), 201);
	t.is(await put('team/app/manifests/latest', 'two'), 403);
	t.is(await put('team/app/manifests/new', 'two'), 201);
	const query = `team/app/manifests/${digestOf(index('three'))}?tag=latest`;
	t.is(await put(query, 'three'), 403);
	t.is((await ask('GET', '/v2/docker-local/team/app/manifests/latest', {as: ann})).text, index('one'));
	t.is((await ask('DELETE', '/v2/docker-local/team/app/manifests/latest', {as: ann})).status, 403);
	const granted = {repositories: ['ANY'], principals: {users: {ann: ['d']}}};
	await ask('PUT', `${permissions}/more`, {json: granted});
	t.is(await put('team/app/manifests/latest', 'two'), 201);
	t.is((await ask('DELETE', '/v2/docker-local/team/app/manifests/latest', {as: ann})).status, 202);
});

for (const path of [
	'other/app',
	'team/secret/app',
	'Team/app',
	'team%2Fapp/../../other/app',
	'team/../other/app',
	'team/%2e%2e/other/app',
	'team//app',
	'team/app;a=b',
	'team/app%00',
	'other%2Fapp',
]) {
	test(`a path such as ${path} leads to no image that the patterns do not mean`, async t => {
		const {ask, ann, put, admin} = await makeWorld(t, ['r', 'w', 'd']);
		t.is(await put('other/app/manifests/1', 'private', admin), 201);
		t.is(await put('team/secret/app/manifests/1', 'private', admin), 201);
		const read = await ask('GET', `/v2/docker-local/${path}/manifests/1`, {as: ann});
		t.true([400, 403, 404].includes(read.status), String(read.status));
		t.false(read.text.includes('private'));
		t.not(await put(`${path}/manifests/2`, 'changed'), 201);
	});
}
