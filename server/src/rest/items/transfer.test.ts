import test from 'ava';
import {fileOf, indexType, makeItemWorld} from './fixtures/item-world.ts';

test('a tag is copied and moved with its signature and its properties, and a dry run changes nothing', async t => {
	const {ask, put, pushImage} = await makeItemWorld(t);
	const child = await pushImage('docker-local/team/app', undefined, 'child');
	const index = await put('docker-local/team/app', '1.0', {manifests: [child.manifest]}, indexType);
	const signed = await put('docker-local/team/app', undefined, {config: child.config, layers: [], subject: index});
	const file = 'team/app/1.0/list.manifest.json';
	await ask('PUT', `/api/storage/docker-local/${file}?properties=stage=test&recursive=0`);
	const transfer = async (word: string, from: string, to: string) => {
		const {status, json} = await ask('POST', `/artifactory/api/${word}/${from}?to=${to}`);
		return {status, messages: json.messages as {level: string; message: string}[] | undefined};
	};
	const there = async (path: string) => (await ask('HEAD', `/v2/${path}`)).status === 200;
	const dry = await transfer('move', 'docker-local/team/app/1.0', '/docker-dev/prod/app/stable&dry=1');
	t.is(dry.status, 200);
	t.is(dry.messages?.[0]?.level, 'INFO');
	t.false(await there('docker-dev/prod/app/manifests/stable'));
	t.is((await transfer('copy', 'docker-local/team/app/1.0', '/docker-dev/prod/app/stable')).status, 200);
	t.true(await there(`docker-dev/prod/app/manifests/${signed.digest}`));
	t.true(await there(`docker-dev/prod/app/blobs/${child.layer.digest}`));
	const properties = await ask('GET', '/api/storage/docker-dev/prod/app/stable/list.manifest.json?properties');
	t.like(properties.json.properties, {stage: ['test'], 'docker.manifest': ['stable'], 'docker.repoName': ['prod/app']});
	t.is((await transfer('move', `docker-local/${file}`, `/docker-dev/${file}`)).status, 200);
	t.true(await there('docker-dev/team/app/manifests/1.0'));
	t.false(await there('docker-local/team/app/manifests/1.0'));
	t.is((await ask('GET', `/api/storage/docker-local/${file}?properties`)).status, 404);
	t.deepEqual((await ask('GET', `/api/storage/docker-dev/${file}?properties=stage`)).json.properties, {
		stage: ['test'],
	});
});

test('images and folders of them are copied and moved, to the same path where only a repository is named', async t => {
	const {ask, pushImage} = await makeItemWorld(t);
	for (const image of ['team/app', 'team/app/debug', 'other']) {
		await pushImage(`docker-local/${image}`, '1.0');
	}
	const there = async (path: string) => (await ask('HEAD', `/v2/${path}/manifests/1.0`)).status === 200;
	const post = async (path: string) => (await ask('POST', `/api/${path}`)).status;
	t.is(await post('copy/docker-local/team?to=/docker-dev'), 200);
	t.is(await post('move/docker-local/team/app?to=/docker-dev/archive/'), 200);
	for (const image of ['team/app', 'team/app/debug', 'archive/app', 'archive/app/debug']) {
		t.true(await there(`docker-dev/${image}`), image);
	}
	t.false(await there('docker-local/team/app'));
	t.false(await there('docker-local/team/app/debug'));
	t.true(await there('docker-local/other'));
});

test('what cannot be copied is refused with what is wrong', async t => {
	const {ask, pushImage} = await makeItemWorld(t);
	const {layer, manifest} = await pushImage('docker-local/team/app', '1.0');
	for (const [path, to, status] of [
		['team/app/1.0', '', 400],
		['team/app/1.0', '/docker-dev/app/.bad', 400],
		['team/app', '/docker-dev/BAD', 400],
		['team/app/1.0', '/docker-local/team/app/1.0', 400],
		[`team/app/1.0/${fileOf(layer)}`, '/docker-dev/app/1.0/x', 400],
		['team/app/2.0', '/docker-dev/app/1.0', 404],
		['team/app/1.0', '/docker-never/app/1.0', 404],
		['team/app/1.0', '/docker-never/app/1.0&dry=1', 404],
		[`team/app/${manifest.digest}`, '/docker-dev/app/1.0', 400],
	] as const) {
		t.is((await ask('POST', `/api/copy/docker-local/${path}?to=${to}`)).status, status, `${path} to ${to}`);
	}
});

test('copying and moving ask for the rights of a promotion, a dry run too', async t => {
	const {ask, send, pushImage} = await makeItemWorld(t);
	const {layer} = await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-dev/team/app', '1.0', 'other');
	await send('PUT', '/api/security/users/ann', {password: 'correct horse battery', email: 'ann@example.org'});
	const grant = (...actions: readonly string[]) =>
		send('PUT', '/api/security/permissions/team', {
			includesPattern: 'team/**',
			repositories: ['docker-local', 'docker-dev'],
			principals: {users: {ann: actions}},
		});
	const authorization = `Basic ${Buffer.from('ann:correct horse battery').toString('base64')}`;
	const asAnn = async (path: string) => (await ask('POST', `/api/${path}`, {headers: {authorization}})).status;
	const copy = 'copy/docker-local/team/app/1.0?to=/docker-dev/team/app/2.0';
	const move = 'move/docker-local/team/app/1.0?to=/docker-dev/team/app/2.0';
	const onto = 'copy/docker-local/team/app?to=/docker-dev/team/app';
	for (const [actions, expected] of [
		[['r'], [403, 403, 403]],
		[
			['r', 'w'],
			[403, 403, 403],
		],
		[
			['r', 'w', 'n'],
			[200, 403, 403],
		],
		[
			['r', 'w', 'n', 'd'],
			[200, 200, 200],
		],
	] as const) {
		await grant(...actions);
		const statuses = [await asAnn(`${copy}&dry=1`), await asAnn(`${move}&dry=1`), await asAnn(`${onto}&dry=1`)];
		t.deepEqual(statuses, [...expected], actions.join());
	}
	const file = fileOf(layer);
	const ofFile = (word: string) => `${word}/docker-local/team/app/1.0/${file}?to=/docker-dev/team/app/2.0/${file}`;
	await grant('r', 'w', 'n');
	t.deepEqual([await asAnn(ofFile('copy')), await asAnn(ofFile('move'))], [200, 403]);
	await grant('r', 'n', 'd');
	t.is(await asAnn(ofFile('copy')), 403);
	await grant('r', 'w', 'n', 'd');
	t.is(await asAnn(move), 200);
	t.is(await asAnn(ofFile('move')), 200);
	await grant('r');
	t.is(await asAnn(ofFile('move')), 403);
	t.is(await asAnn('copy/docker-local/secret/app?to=/docker-dev/team/app'), 403);
});
