import test from 'ava';
import {makeItemWorld} from './fixtures/item-world.ts';

test('what a virtual repository leaves out is not there in one that it is a member of', async t => {
	const {ask, send, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-local/base', '1.0');
	const inner = {rclass: 'virtual', repositories: ['docker-local'], excludesPattern: 'team/**'};
	t.is((await send('PUT', '/api/repositories/inner', inner)).status, 200);
	t.is((await send('PUT', '/api/repositories/outer', {rclass: 'virtual', repositories: ['inner']})).status, 200);
	const both = {rclass: 'virtual', repositories: ['inner', 'docker-local']};
	t.is((await send('PUT', '/api/repositories/both', both)).status, 200);
	for (const [key, status] of [
		['inner', 404],
		['outer', 404],
		['both', 200],
	] as const) {
		t.is((await ask('GET', `/api/storage/${key}/team/app/1.0`)).status, status, key);
		t.is((await ask('GET', `/api/storage/${key}/base/1.0`)).status, 200, key);
		const {files} = (await ask('GET', `/api/storage/${key}?list&deep=1`)).json;
		t.is(JSON.stringify(files).includes('/team/'), status === 200, key);
		t.is((await ask('GET', `/v2/${key}/team/app/manifests/1.0`)).status === 200, status === 200, key);
	}
});
