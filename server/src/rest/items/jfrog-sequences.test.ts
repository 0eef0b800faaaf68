import test from 'ava';
import {fileOf, makeItemWorld} from './fixtures/item-world.ts';

test('jf docker push with build-info: find the image, read its manifest and config, mark every layer', async t => {
	const {request, ask, aql, pushImage} = await makeItemWorld(t);
	const {config, layer, manifest} = await pushImage('docker-local/team/app', '1.0');
	const head = await request('HEAD', '/v2/docker-local/team/app/manifests/1.0');
	const repository = head.headers.get('x-artifactory-docker-registry');
	t.is(repository, 'docker-local');
	t.like((await ask('GET', `/artifactory/api/repositories/${repository}`)).json, {
		rclass: 'local',
		key: 'docker-local',
	});
	const {results} = await aql(
		'items.find({"$or":[{"$and":[{"repo":"docker-local","path":{"$match":"team/app/1.0"},"name":{"$match":"*"}}]}]}).include("name","repo","path","actual_md5","actual_sha1","sha256","size","type","modified","created")',
	);
	t.deepEqual(
		results.map(({sha256}) => sha256),
		[manifest, config, layer].map(({digest}) => digest.slice(7)),
	);
	const files = '/artifactory/docker-local/team/app/1.0';
	t.is((await ask('GET', `${files}/manifest.json`)).json.config.digest, config.digest);
	t.is((await ask('GET', `${files}/${fileOf(config)}`)).status, 200);
	for (const {path, name} of results) {
		const item = `/artifactory/api/storage/docker-local/${String(path)}/${String(name)}`;
		const properties = 'build.name=my%5C%2Cci;build.number=7;build.timestamp=1';
		t.is((await ask('PUT', `${item}?properties=${properties}&recursive=0`)).status, 204);
	}
	const marked = await aql('items.find({"@build.name":"my,ci","@build.number":"7"})');
	t.is(marked.results.length, 3);
	const promote = {
		targetRepo: 'docker-dev',
		dockerRepository: 'team/app',
		targetDockerRepository: '',
		tag: '1.0',
		targetTag: '',
		copy: true,
	};
	const promoted = await ask('POST', '/artifactory/api/docker/docker-local/v2/promote', {
		body: JSON.stringify(promote),
		headers: {'content-type': 'application/json'},
	});
	t.is(promoted.status, 200);
	const there = await aql('items.find({"repo":"docker-dev","@build.number":"7"}).include("path","name")');
	t.is(there.results.length, 3);
});

test('jf rt search, set-props, delete-props, copy, move and delete', async t => {
	const {ask, aql, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-local/team/app', '2.0');
	const query =
		'items.find({"path":{"$ne":"."},"$or":[{"$and":[{"repo":"docker-local","path":{"$match":"team/app/*"},"name":{"$match":"manifest.json"}}]}]}).include("name","repo","path","size","type","property")';
	const {results} = await aql(query);
	t.deepEqual(
		results.map(({path}) => path),
		['team/app/1.0', 'team/app/2.0'],
	);
	const item = '/artifactory/api/storage/docker-local/team/app/1.0/manifest.json';
	t.is((await ask('PUT', `${item}?properties=stage=qa&recursive=0`)).status, 204);
	t.deepEqual((await ask('GET', `${item}?properties=stage`)).json.properties, {stage: ['qa']});
	t.is((await ask('DELETE', `${item}?properties=stage&recursive=0`)).status, 204);
	t.is((await ask('GET', `${item}?properties=stage`)).status, 404);
	const copied = await ask(
		'POST',
		'/artifactory/api/copy/docker-local/team/app/1.0?to=/docker-dev/team/app/1.0&dry=0&suppressLayouts=1',
	);
	t.is(copied.status, 200);
	const moved = await ask('POST', '/artifactory/api/move/docker-local/team/app/2.0?to=/docker-dev/team/app/2.0&dry=0');
	t.is(moved.status, 200);
	t.is((await ask('DELETE', '/artifactory/docker-dev/team/app/1.0')).status, 204);
	t.is((await ask('DELETE', '/artifactory/docker-dev/team/app')).status, 204);
	t.deepEqual((await aql('items.find({"repo":"docker-dev"})')).results, []);
	t.is((await aql(query)).results.length, 1);
});

/** Every order in which three workers may come to three files. */
const orders = [
	[0, 1, 2],
	[1, 2, 0],
	[2, 0, 1],
] as const;

for (const order of orders) {
	test(`jf rt cp, mv and del of the files of a tag, one at a time, in the order ${order.join()}`, async t => {
		const {ask, aql, pushImage} = await makeItemWorld(t);
		await pushImage('docker-local/team/app', '1.0');
		const filesOf = async (repository: string) => {
			const found = await aql(
				`items.find({"repo":"${repository}","path":{"$match":"team/app/1.0"},"name":{"$match":"*"}}).include("name","repo","path")`,
			);
			return found.results.map(({path, name}) => `${String(path)}/${String(name)}`);
		};
		const each = async (repository: string, act: (path: string) => Promise<number>, status: number) => {
			const files = await filesOf(repository);
			t.is(files.length, 3);
			for (const index of order) {
				t.is(await act(files[index] ?? ''), status, files[index]);
			}
		};
		const transfer = (word: string, from: string, to: string) => async (path: string) =>
			(await ask('POST', `/artifactory/api/${word}/${from}/${path}?to=${to}/${path}`)).status;
		await each('docker-local', transfer('copy', 'docker-local', 'docker-dev'), 200);
		t.is((await filesOf('docker-dev')).length, 3);
		await each('docker-local', async path => (await ask('DELETE', `/artifactory/docker-local/${path}`)).status, 204);
		t.deepEqual(await filesOf('docker-local'), []);
		await each('docker-dev', transfer('move', 'docker-dev', 'docker-local'), 200);
		t.deepEqual(await filesOf('docker-dev'), []);
		t.is((await filesOf('docker-local')).length, 3);
	});
}

test('jf rt cp and mv of folders make the folder first', async t => {
	const {ask, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/team/app', '1.0');
	for (const word of ['copy', 'move']) {
		t.is((await ask('PUT', `/artifactory/docker-dev/${word}/`)).status, 201);
		t.is((await ask('GET', `/api/storage/docker-dev/${word}`)).status, 404);
		t.is((await ask('POST', `/artifactory/api/${word}/docker-local/team/app?to=docker-dev/${word}/`)).status, 200);
		t.is((await ask('HEAD', `/v2/docker-dev/${word}/app/manifests/1.0`)).status, 200);
	}
	const file = await ask('PUT', '/artifactory/docker-dev/team/app/1.0/manifest.json', {body: '{}'});
	t.is(file.status, 405);
	t.is(file.headers.get('allow'), 'GET, HEAD, DELETE');
	t.is((await ask('PUT', '/artifactory/docker-never/team/')).status, 404);
});

test('Terraform creates, refreshes, updates and destroys the properties of an item, and of a repository', async t => {
	const {ask, send, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/team/app', '1.0');
	for (const path of ['docker-local/team/app/1.0/manifest.json', 'docker-local/team', 'docker-local']) {
		const address = `/artifactory/api/storage/${path}`;
		const read = async () => (await ask('GET', `${address}?properties=`)).json.properties ?? {};
		const derived = await read();
		t.is((await ask('PUT', `${address}?properties=owner=me;stage=qa,prod&recursive=0`)).status, 204);
		t.deepEqual(await read(), {...derived, owner: ['me'], stage: ['qa', 'prod']});
		// All that was read and is not configured, as what the manifest says of itself, is to go.
		const gone = Object.keys(derived).concat('owner');
		const props = {stage: 'qa,prod,dev', ...Object.fromEntries(gone.map(name => [name, null]))};
		t.is((await send('PATCH', `/artifactory/api/metadata/${path}?recursiveProperties=0`, {props})).status, 204);
		const updated = await read();
		t.deepEqual(updated, {...derived, stage: ['qa', 'prod', 'dev']});
		const names = Object.keys(updated).join(',');
		t.is((await ask('DELETE', `${address}?properties=${encodeURIComponent(names)}&recursive=0`)).status, 204);
		t.deepEqual(await read(), derived);
	}
	const gone = await ask('GET', '/artifactory/api/storage/docker-local/team?properties=');
	t.is(gone.status, 404);
	t.like(gone.json, {errors: [{status: 404}]});
	t.is((await send('PATCH', '/artifactory/api/metadata/docker-local/never', {props: {a: '1'}})).status, 404);
	t.is((await send('PATCH', '/artifactory/api/metadata/docker-local/team', {})).status, 400);
});

test('a text changes a property to the values between its commas, a list to its values', async t => {
	const {ask, send, upload, put} = await makeItemWorld(t);
	const labels = JSON.stringify({config: {Labels: {roles: 'one,two'}}});
	const config = await upload('docker-local/app', labels, 'application/vnd.oci.image.config.v1+json');
	await put('docker-local/app', '1.0', {config, layers: []});
	const path = 'docker-local/app/1.0/manifest.json';
	const patch = (props: object) => send('PATCH', `/api/metadata/${path}`, {props});
	t.is((await patch({a: 'one\\,two,three,three', b: ['one,two'], 'docker.label.roles': 'one,two'})).status, 204);
	const read = await ask('GET', `/api/storage/${path}?properties=a,b,docker.label.roles`);
	t.deepEqual(read.json.properties, {a: ['one,two', 'three'], b: ['one,two'], 'docker.label.roles': ['one,two']});
	t.is((await patch({'docker.label.roles': 'one'})).status, 400);
});
