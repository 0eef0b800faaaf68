import {OptionsValidator, PluginSet} from '@stowage/core';
import plugin from '@stowage/v1-migration';
import test, {type ExecutionContext} from 'ava';
import {pushImages} from '../../../../plugins/v1-migration/src/migration/fixtures/push-images.ts';
import {V1Registry, fileLayer} from '../../../../plugins/v1-migration/src/migration/fixtures/v1-registry.ts';
import {startApp} from '../../http/fixtures/start-app.ts';

async function start(t: ExecutionContext) {
	const {plugins} = PluginSet.check([{named: 'v1', exported: plugin, options: {}}], new OptionsValidator());
	const app = await startApp({migrations: plugins?.migrations});
	t.teardown(() => app.stop());
	const ask = async (method: string, path: string, body?: object, as = app.admin) => {
		const headers = {authorization: as, 'content-type': 'application/json'};
		const response = await fetch(app.url + path, {method, headers, body: body && JSON.stringify(body)});
		return {status: response.status, text: await response.text()};
	};
	t.is((await ask('PUT', '/api/repositories/old', {rclass: 'local', dockerApiVersion: 'V1'})).status, 200);
	const push = async (registry: V1Registry, name: string) => {
		const old = await app.rest.repositories.get('old');
		await pushImages(old!, registry, name);
	};
	const registry = new V1Registry();
	const base = registry.add({layer: fileLayer('base', 'base')});
	registry.tag('team/app', '1', base);
	registry.tag('team/app', '2', registry.add({parent: base, layer: fileLayer('top', 'top')}));
	await push(registry, 'team/app');
	const migrate = (body: object = {}, as = app.admin, path = '/api/docker/old/v1/migrate') =>
		ask('POST', path, {targetRepo: 'docker-local', ...body}, as);
	const tags = async (image: string) => {
		const {status, text} = await ask('GET', `/v2/docker-local/${image}/tags/list`);
		return status === 200 ? (JSON.parse(text) as {tags: string[]}).tags : [];
	};
	return {app, ask, push, migrate, tags};
}

test('images are migrated as JFrog asks for it, with empty and absent fields, and what is there stays', async t => {
	const {migrate, tags} = await start(t);
	const sent = {dockerRepository: 'team/app', tag: '1'};
	t.deepEqual(await migrate({...sent, dryRun: true}), {
		status: 200,
		text: 'Migration ended successfully: 1 tags would be brought over\n',
	});
	t.deepEqual(await tags('team/app'), []);
	t.like(await migrate(sent, undefined, '/artifactory/api/docker/old/v1/migrate'), {status: 200});
	t.deepEqual(await tags('team/app'), ['1']);
	t.deepEqual(await migrate({dockerRepository: '', tag: null}), {
		status: 200,
		text: 'Migration ended successfully: 1 tags brought over, 1 were there already\n',
	});
	t.deepEqual(await tags('team/app'), ['1', '2']);
});

test('what cannot be migrated is told in the form of every error, and the rest is migrated', async t => {
	const {migrate, tags, push} = await start(t);
	const odd = new V1Registry('odd');
	odd.tag('team/odd', '1', odd.add({layer: Buffer.alloc(2000, 'no tar')}));
	await push(odd, 'team/odd');
	const {status, text} = await migrate();
	t.is(status, 422);
	const {errors} = JSON.parse(text) as {errors: {status: number; message: string}[]};
	t.like(errors, [{status: 422, message: '1 of 3 tags cannot be brought over'}, {status: 422}]);
	t.regex(errors[1]?.message ?? '', /^team\/odd:1: [a-f0-9]{12}: the layer is no tar$/);
	t.deepEqual(await tags('team/app'), ['1', '2']);
});

const refused = [
	{what: 'no target', body: {targetRepo: ''}, status: 400},
	{what: 'a bad image', body: {dockerRepository: '../x'}, status: 400},
	{what: 'a bad tag', body: {tag: 'a b'}, status: 400},
	{what: 'a target that is V1', body: {targetRepo: 'old'}, status: 400},
	{what: 'an unknown target', body: {targetRepo: 'none'}, status: 404},
	{what: 'an unknown image', body: {dockerRepository: 'none'}, status: 404},
	{what: 'an unknown tag', body: {dockerRepository: 'team/app', tag: '9'}, status: 404},
	{what: 'an unknown source', body: {}, key: 'none', status: 404},
	{what: 'a source without V1 images', body: {targetRepo: 'docker-dev'}, key: 'docker-local', status: 400},
];

test('what cannot be migrated at all is refused with what is wrong', async t => {
	const {migrate} = await start(t);
	for (const {what, body, key = 'old', status} of refused) {
		const answer = await migrate(body, undefined, `/api/docker/${key}/v1/migrate`);
		t.is(answer.status, status, `${what}: ${answer.text}`);
		t.like(JSON.parse(answer.text), {errors: [{status}]}, what);
	}
});

test('a migration asks to read the source, to write the target, and to delete there when a tag is moved', async t => {
	const {ask, migrate, tags, push} = await start(t);
	const dev = `Basic ${Buffer.from('dev:correct horse battery').toString('base64')}`;
	const user = {name: 'dev', email: 'dev@example.com', password: 'correct horse battery'};
	t.is((await ask('PUT', '/api/security/users/dev', user)).status, 201);
	const grant = async (repository: string, includesPattern: string, ...rights: readonly string[]) => {
		const body = {repositories: [repository], includesPattern, principals: {users: {dev: rights}, groups: {}}};
		const answer = await ask('PUT', `/api/security/permissions/${repository}`, body);
		t.true([200, 201].includes(answer.status), answer.text);
	};
	const other = new V1Registry('other');
	other.tag('other/app', '1', other.add({layer: fileLayer('other', 'other')}));
	await push(other, 'other/app');
	t.is((await migrate({}, '')).status, 401);
	t.is((await migrate({}, dev)).status, 403, 'nothing is allowed');
	await grant('old', '**', 'r');
	t.is((await migrate({}, dev)).status, 403, 'he may not write to the target');
	t.is((await migrate({targetRepo: 'none'}, dev)).status, 403, 'nor learn what there is not');
	await grant('docker-local', 'team/**', 'w');
	t.is((await migrate({dockerRepository: 'other/app'}, dev)).status, 403);
	t.is((await migrate({dockerRepository: 'team/app'}, dev)).status, 200);
	const all = await migrate({}, dev);
	t.is(all.status, 422);
	t.regex(all.text, /other\/app:1: other\/app may not be written to \\"docker-local\\"/);
	t.deepEqual(await tags('other/app'), []);
	const newer = new V1Registry('newer');
	newer.tag('team/app', '1', newer.add({layer: fileLayer('newer', 'newer')}));
	await push(newer, 'team/app');
	t.regex((await migrate({dockerRepository: 'team/app'}, dev)).text, /needs the right to delete/);
	await grant('docker-local', 'team/**', 'w', 'd');
	t.is((await migrate({dockerRepository: 'team/app'}, dev)).status, 200);
	await grant('old', 'other/**', 'r');
	t.is((await migrate({dockerRepository: 'team/app'}, dev)).status, 404, 'what he may not read is not there');
});
