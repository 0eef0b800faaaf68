import test from 'ava';
import {fileOf, indexType, makeItemWorld} from './fixtures/item-world.ts';

test('a cache shows what it has, with markers for what it will get, and deletes by path', async t => {
	const {app, ask, put, send, pushImage} = await makeItemWorld(t);
	const {layer, config, manifest} = await pushImage('docker-local/team/app', undefined, 'child');
	await put('docker-local/team/app', '1.0', {manifests: [manifest]}, indexType);
	const url = `${app.url}/artifactory/api/docker/docker-local`;
	const remote = {rclass: 'remote', url, username: 'admin', password: 'secret', allowedAddresses: ['127.0.0.1']};
	t.is((await send('PUT', '/api/repositories/mirror', remote)).status, 200);
	t.is((await ask('GET', '/v2/mirror/team/app/manifests/1.0')).status, 200);
	t.is((await ask('GET', `/v2/mirror/team/app/manifests/${manifest.digest}`)).status, 200);
	const namesOf = async (path: string) => {
		const {json} = await ask('GET', `/artifactory/api/storage/${path}?list&deep=1`);
		return (json.files as {uri: string}[]).map(({uri}) => uri);
	};
	const info = async (path: string) => (await ask('GET', `/artifactory/api/storage/${path}`)).json;
	t.is(
		(await info('mirror-cache/team/app/1.0/list.manifest.json')).remoteUrl,
		`${url}/team/app/1.0/list.manifest.json`,
	);
	t.is((await info('mirror-cache/team')).remoteUrl, `${url}/team`);
	t.is((await info('docker-local/team')).remoteUrl, undefined);
	const folder = fileOf(manifest);
	const marked = [`/${fileOf(config)}.marker`, `/${fileOf(layer)}.marker`].map(name => `/${folder}${name}`);
	t.deepEqual(await namesOf('mirror-cache/team/app'), [
		'/1.0/list.manifest.json',
		`/${folder}/manifest.json`,
		...marked,
	]);
	t.deepEqual(await namesOf('mirror/team/app'), await namesOf('mirror-cache/team/app'));
	const file = `/team/app/${folder}/${fileOf(layer)}`;
	t.is((await ask('GET', `/artifactory/mirror-cache${file}`)).status, 404);
	t.is((await ask('GET', `/artifactory/mirror${file}`)).text, 'layer of child');
	await send('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['docker-dev', 'mirror']});
	for (const key of ['mirror-cache', 'all']) {
		t.is((await ask('GET', `/artifactory/${key}${file}`)).text, 'layer of child', key);
		t.true((await namesOf(`${key}/team`)).includes(`/app/${folder}/${fileOf(layer)}`), key);
	}
	const properties = `/api/storage/mirror-cache/team/app/1.0/list.manifest.json?properties=a`;
	t.is((await ask('PUT', `${properties}=1`)).status, 204);
	t.is((await ask('GET', properties)).status, 200);
	t.is((await ask('PUT', '/api/storage/all/team/app/1.0?properties=a=1')).status, 400);
	t.is((await ask('DELETE', '/artifactory/mirror/team/app/1.0')).status, 400);
	t.is((await ask('DELETE', '/artifactory/mirror-cache/team/app/1.0')).status, 204);
	t.is((await ask('GET', '/api/storage/mirror-cache/team/app')).status, 404);
});
