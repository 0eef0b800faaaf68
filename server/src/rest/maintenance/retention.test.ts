import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {startApp} from '../../http/fixtures/start-app.ts';

const mediaType = 'application/vnd.oci.image.index.v1+json';

async function start(t: ExecutionContext) {
	const app = await startApp();
	t.teardown(() => app.stop());
	const ask = async (method: string, path: string, body?: object, type = 'application/json') => {
		const headers = {authorization: app.admin, 'content-type': type};
		const response = await fetch(app.url + path, {method, headers, body: body && JSON.stringify(body)});
		const text = await response.text();
		return {status: response.status, text, json: () => JSON.parse(text) as Record<string, unknown>};
	};
	const push = async (tag: string) => {
		const manifest = {schemaVersion: 2, mediaType, manifests: [], annotations: {tag}};
		t.is((await ask('PUT', `/v2/docker-local/team/app/manifests/${tag}`, manifest, mediaType)).status, 201);
		await sleep(3);
	};
	const tags = async () => (await ask('GET', '/v2/docker-local/team/app/tags/list')).json()['tags'];
	return {app, ask, push, tags};
}

test('a policy is set, planned, applied and followed, and counted in the metrics', async t => {
	const {ask, push, tags} = await start(t);
	for (const tag of ['build-1', 'build-2', 'build-3', 'v1']) {
		await push(tag);
	}
	const path = '/artifactory/api/system/retention';
	t.like((await ask('GET', path)).json(), {rules: [], configured: [], state: {status: 'never run'}});
	const set = await ask('PUT', path, {rules: [{name: 'builds', tags: ['build-*'], exceptNewest: 2}]});
	t.is(set.status, 200, set.text);
	t.like((await ask('GET', path)).json(), {rules: [{name: 'builds', action: 'remove', exceptNewest: 2}]});
	const planned = (await ask('POST', `${path}/run?dryRun=true`)).json();
	t.like(planned, {dryRun: true, truncated: false});
	t.like((planned['images'] as readonly object[])[0], {
		repository: 'docker-local',
		image: 'team/app',
		because: [{tag: 'build-1', rule: 'builds', reason: 'pushed 0 days ago, not among the newest 2'}],
		tags: ['build-1'],
	});
	t.deepEqual((await ask('POST', `${path}/run?dryRun=true&repository=docker-dev`)).json()['images'], []);
	t.deepEqual(await tags(), ['build-1', 'build-2', 'build-3', 'v1']);
	t.is((await ask('POST', `${path}/run`)).status, 202);
	for (let state = {status: 'running'}; state.status === 'running'; await sleep(20)) {
		state = (await ask('GET', path)).json()['state'] as typeof state;
	}
	t.like((await ask('GET', path)).json()['state'], {status: 'done', report: {images: 1, tags: 1, manifests: 1}});
	t.deepEqual(await tags(), ['build-2', 'build-3', 'v1']);
	t.regex((await ask('GET', '/metrics')).text, /stowage_retention_tags_total 1\n/);
});

test('a repository has a policy of its own, and what is wrong in one is refused with its place', async t => {
	const {ask, push, tags} = await start(t);
	await push('old');
	await push('new');
	const wrong = await ask('POST', '/api/repositories/docker-local', {retention: [{name: 'all'}]});
	t.is(wrong.status, 400);
	t.regex(wrong.text, /retention/);
	const common = await ask('PUT', '/api/system/retention', {rules: [{name: 'x', tags: ['a/b']}]});
	t.is(common.status, 400);
	t.regex(common.text, /\/rules\/0\/tags\/0/);
	t.is((await ask('PUT', '/api/system/retention', {rules: [{name: 'x', oldness: 1}]})).status, 400);
	const rules = [
		{name: 'all but one', exceptNewest: 1},
		{name: 'not this', action: 'keep', tags: ['kept']},
	];
	t.is((await ask('POST', '/api/repositories/docker-local', {retention: rules})).status, 200);
	t.like((await ask('GET', '/api/repositories/docker-local')).json()['retention'], [{name: 'all but one'}]);
	await push('kept');
	const planned = (await ask('POST', '/api/system/retention/run?dryRun=true&limit=1')).json();
	t.like((planned['images'] as readonly object[])[0], {tags: ['new', 'old']});
	t.is((await ask('POST', '/api/system/retention/run?repository=docker-local')).status, 400);
	t.deepEqual(await tags(), ['kept', 'new', 'old']);
});
