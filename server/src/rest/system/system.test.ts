import {digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {startApp} from '../../http/fixtures/start-app.ts';

async function start(t: ExecutionContext) {
	const app = await startApp();
	t.teardown(() => app.stop());
	const ask = async (method: string, path: string, body?: object) => {
		const headers = {authorization: app.admin, 'content-type': 'application/json'};
		const response = await fetch(app.url + path, {method, headers, body: body && JSON.stringify(body)});
		const text = await response.text();
		const json = () => JSON.parse(text) as Record<string, unknown>;
		return {status: response.status, text, json};
	};
	return {app, ask};
}

test("what JFrog's clients ask first is answered as they expect it", async t => {
	const {app, ask} = await start(t);
	for (const path of [
		'/artifactory/api/system/ping',
		'/access/api/v1/system/ping',
		'/artifactory/access/api/v1/system/ping',
	]) {
		const response = await fetch(app.url + path);
		t.is(await response.text(), 'OK');
	}
	const version = (await ask('GET', '/artifactory/api/system/version')).json();
	const [major = 0, minor = 0] = String(version['version']).split('.').map(Number);
	t.true(major === 7 && minor > 33, 'jf refuses what is older');
	t.deepEqual(version['addons'], []);
	t.is((await ask('POST', '/artifactory/api/system/usage', {productId: 'jfrog-cli-go'})).status, 200);
	const id = await ask('GET', '/api/system/service_id');
	t.regex(id.text, /^[a-z]+@[0-9a-f]{16,}$/);
	t.is((await ask('GET', '/api/system/service_id')).text, id.text);
});

test('an export has no secret, and imported it changes nothing; what is missing is made again', async t => {
	const {app, ask} = await start(t);
	const remote = {rclass: 'remote', url: 'https://registry-1.docker.io/', username: 'me', password: 'very secret'};
	await ask('PUT', '/api/repositories/hub', {...remote, notes: 'kept'});
	await ask('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['hub', 'docker-dev']});
	const rules = [{name: 'few', action: 'remove', exceptNewest: 3}];
	t.is((await ask('PUT', '/api/system/retention', {rules})).status, 200);
	const exported = await ask('GET', '/api/system/configuration');
	await ask('PUT', '/api/system/retention', {rules: []});
	t.false(exported.text.includes('very secret'));
	const before = await app.rest.metadata.definitions.list();
	const keys = ['all', 'docker-dev', 'docker-local', 'hub'];
	t.deepEqual((await ask('POST', '/api/system/configuration', exported.json())).json(), {created: [], updated: keys});
	t.like((await ask('GET', '/api/system/retention')).json(), {rules});
	const options = async () =>
		(await app.rest.metadata.definitions.list()).map(({key, options, attributes}) => ({key, options, attributes}));
	t.deepEqual(
		await options(),
		before.map(({key, options, attributes}) => ({key, options, attributes})),
	);
	await ask('DELETE', '/api/repositories/docker-dev');
	t.deepEqual((await ask('POST', '/api/system/configuration', exported.json())).json(), {
		created: ['docker-dev'],
		updated: ['all', 'docker-local', 'hub'],
	});
	t.like((await ask('GET', '/api/repositories/all')).json(), {repositories: ['hub', 'docker-dev']});
	await ask('DELETE', '/api/repositories/hub');
	const masked = await ask('POST', '/api/system/configuration', exported.json());
	t.is(masked.status, 400);
	t.regex(masked.text, /Repository hub: field \\"password\\": is masked/);
});

test('an import that is wrong in one place changes nothing', async t => {
	const {app, ask} = await start(t);
	const before = await app.rest.metadata.definitions.list();
	const repositories = [
		{key: 'docker-local', type: 'local', description: 'changed'},
		{key: 'new', type: 'local', options: {maxManifestBytes: 1}},
	];
	const answer = await ask('POST', '/api/system/configuration', {repositories});
	t.is(answer.status, 400);
	t.regex(answer.text, /Repository new: field \\"maxManifestBytes\\"/);
	t.is(
		(await ask('POST', '/api/system/configuration', {repositories: [{key: 'docker-dev', type: 'virtual'}]})).status,
		400,
	);
	const retention = {rules: [{name: 'all', action: 'remove'}]};
	t.is((await ask('POST', '/api/system/configuration', {repositories: [], retention})).status, 400);
	t.deepEqual(await app.rest.metadata.definitions.list(), before);
});

test('storage info counts what is stored once and what sharing saves', async t => {
	const {app, ask} = await start(t);
	const bytes = Buffer.from('0123456789');
	for (const image of ['docker-local/a', 'docker-local/b', 'docker-dev/a']) {
		const url = `${app.url}/v2/${image}/blobs/uploads/?digest=${digestOf(bytes)}`;
		t.is((await fetch(url, {method: 'POST', headers: {authorization: app.admin}, body: bytes})).status, 201);
	}
	t.is((await ask('POST', '/api/storageinfo/calculate')).status, 202);
	const info = (await ask('GET', '/artifactory/api/storageinfo')).json();
	t.like(info, {
		binariesSummary: {
			binariesCount: '1',
			binariesSize: '10 bytes',
			artifactsSize: '30 bytes',
			optimization: '33.33%',
			savedBytes: 20,
		},
		fileStoreSummary: {storageType: 'memory'},
	});
	const list = info['repositoriesSummaryList'] as readonly object[];
	t.like(list[1], {
		repoKey: 'docker-local',
		repoType: 'LOCAL',
		usedSpaceInBytes: 10,
		unsharedSpaceInBytes: 20,
		percentage: '50%',
	});
	t.like(list.at(-1), {repoKey: 'TOTAL', usedSpaceInBytes: 20, percentage: '100%'});
});
