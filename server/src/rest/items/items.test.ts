import {createHash} from 'node:crypto';
import test from 'ava';
import {fileOf, indexType, makeItemWorld, manifestType} from './fixtures/item-world.ts';

function checksumsOf(text: string) {
	return Object.fromEntries(['md5', 'sha1', 'sha256'].map(name => [name, createHash(name).update(text).digest('hex')]));
}

test('MD5 and SHA-1 of a blob are read when they are asked for, and then known to lists and downloads', async t => {
	const {ask, pushImage} = await makeItemWorld(t);
	const {layer} = await pushImage('docker-local/app', '1.0');
	const path = `docker-local/app/1.0/${fileOf(layer)}`;
	const {md5, sha1, sha256} = checksumsOf('layer of 1.0');
	const listed = async () => {
		const {json} = await ask('GET', '/api/storage/docker-local/app/1.0?list');
		return (json.files as {uri: string; sha1?: string}[]).find(({uri}) => uri === `/${fileOf(layer)}`)?.sha1;
	};
	const sent = async () => {
		const {headers} = await ask('HEAD', `/${path}`);
		return ['md5', 'sha1', 'sha256'].map(name => headers.get(`x-checksum-${name}`));
	};
	t.is(await listed(), undefined);
	t.deepEqual(await sent(), [null, null, sha256]);
	for (let round = 0; round < 2; round++) {
		t.deepEqual((await ask('GET', `/api/storage/${path}`)).json.checksums, {md5, sha1, sha256});
	}
	t.is(await listed(), sha1);
	t.deepEqual(await sent(), [md5, sha1, sha256]);
});

test('a tag is a folder with the manifest, the config and the layers; an index has those of its entries beside it', async t => {
	const {ask, put, pushImage, app} = await makeItemWorld(t);
	const one = await pushImage('docker-local/team/app', undefined, 'amd64');
	const two = await pushImage('docker-local/team/app', '1.0-arm64');
	const index = {manifests: [one.manifest, two.manifest]};
	await put('docker-local/team/app', '1.0', index, indexType);
	const info = async (path: string) => {
		const {status, json} = await ask('GET', `/artifactory/api/storage/${path}`);
		t.is(status, 200, path);
		return json;
	};
	const childrenOf = async (path: string) => (await info(path)).children.map(({uri}: {uri: string}) => uri);
	t.deepEqual((await info('docker-local')).children, [{uri: '/team', folder: true}]);
	t.deepEqual(await childrenOf('docker-local/team'), ['/app']);
	const digests = [one.manifest.digest, two.manifest.digest].toSorted();
	t.deepEqual(await childrenOf('docker-local/team/app/'), ['/1.0', '/1.0-arm64', ...digests.map(one => `/${one}`)]);
	t.deepEqual(await childrenOf('docker-local/team/app/1.0'), ['/list.manifest.json']);
	const files = ['/manifest.json', `/${fileOf(one.config)}`, `/${fileOf(one.layer)}`].toSorted();
	const folder = await info(`docker-local/team/app/${one.manifest.digest}`);
	t.deepEqual(
		folder.children.map(({uri}: {uri: string}) => uri),
		files,
	);
	t.deepEqual(await childrenOf(`docker-local/team/app/${fileOf(one.manifest)}`), files);
	const file = await info(`docker-local/team/app/1.0-arm64/${fileOf(two.layer)}`);
	t.like(file, {
		repo: 'docker-local',
		path: `/team/app/1.0-arm64/${fileOf(two.layer)}`,
		size: String(two.layer.size),
		createdBy: 'admin',
		checksums: checksumsOf('layer of 1.0-arm64'),
		uri: `${app.url}/artifactory/api/storage/docker-local/team/app/1.0-arm64/${fileOf(two.layer)}`,
		downloadUri: `${app.url}/artifactory/docker-local/team/app/1.0-arm64/${fileOf(two.layer)}`,
	});
	const manifest = await info('docker-local/team/app/1.0-arm64/manifest.json');
	const bytes = await (await fetch(manifest.downloadUri, {headers: {authorization: app.admin}})).bytes();
	t.deepEqual(manifest.checksums, {
		sha256: two.manifest.digest.slice(7),
		sha1: createHash('sha1').update(bytes).digest('hex'),
		md5: createHash('md5').update(bytes).digest('hex'),
	});
	for (const path of ['1.0/manifest.json', '2.0', `1.0/${fileOf(one.layer)}`, '1.0/x/y', '../x', '1.0/%01']) {
		t.is((await ask('GET', `/api/storage/docker-local/team/app/${path}`)).status, 404, path);
	}
	t.is((await ask('GET', '/api/storage/docker-never/app')).status, 404);
	t.true((await ask('GET', '/api/storage/docker-local/team?lastModified')).json.uri.includes('/team/app/1.0'));
});

test('a list has files, and folders if they are asked for, as deep as it is asked for', async t => {
	const {ask, send, pushImage} = await makeItemWorld(t);
	const {config, layer} = await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-local/team/app/debug', '1.0');
	const list = async (query: string, path = 'docker-local/team') => {
		const {status, json} = await ask('GET', `/api/storage/${path}?list&${query}`);
		t.is(status, 200);
		return json.files.map(({uri}: {uri: string}) => uri);
	};
	t.deepEqual(await list(''), []);
	t.deepEqual(await list('listFolders=1&includeRootPath=1'), ['/', '/app']);
	t.deepEqual(await list('deep=1&listFolders=1&depth=2'), ['/app', '/app/1.0', '/app/debug']);
	const files = ['manifest.json', fileOf(config), fileOf(layer)];
	t.deepEqual(
		await list('', 'docker-local/team/app/1.0'),
		files.map(name => `/${name}`),
	);
	t.deepEqual(
		(await list('deep=1')).slice(0, 3),
		files.map(name => `/app/1.0/${name}`),
	);
	t.is((await list('deep=1')).length, 6);
	t.is((await list('deep=1', 'docker-local')).length, 6);
	await ask('PUT', '/api/storage/docker-local/team/app/1.0/manifest.json?properties=a=1&recursive=0');
	const {json} = await ask('GET', '/api/storage/docker-local/team/app/1.0?list&mdTimestamps=1');
	t.regex(json.files[0].mdTimestamps.properties, /^\d{4}-/);
	t.like(json.files[1], {folder: false, size: config.size, sha2: config.digest.slice(7), mdTimestamps: undefined});
	t.is((await ask('GET', '/api/storage/docker-local/team/app/1.0/manifest.json?list')).status, 400);
	await send('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['docker-dev', 'docker-local']});
	t.is((await list('deep=1', 'all')).length, 6);
	t.deepEqual((await ask('GET', '/api/storage/all/team')).json.children, [{uri: '/app', folder: true}]);
});

test('files are downloaded with their checksums, whole and in parts, through a virtual repository too', async t => {
	const {ask, send, pushImage} = await makeItemWorld(t);
	const {config, layer, manifest} = await pushImage('docker-local/team/app', '1.0');
	await send('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['docker-local']});
	for (const key of ['docker-local', 'all']) {
		const folder = `/artifactory/${key}/team/app/1.0`;
		const whole = await ask('GET', `${folder}/${fileOf(layer)}`);
		t.is(whole.text, 'layer of 1.0');
		t.is(whole.headers.get('x-checksum-sha256'), layer.digest.slice(7));
		t.is(whole.headers.get('x-artifactory-docker-registry'), 'docker-local');
		const part = await ask('GET', `${folder}/${fileOf(layer)}`, {headers: {range: 'bytes=9-'}});
		t.deepEqual([part.status, part.text, part.headers.get('content-range')], [206, '1.0', 'bytes 9-11/12']);
		const head = await ask('HEAD', `${folder}/${fileOf(config)}`);
		t.deepEqual([head.status, head.headers.get('content-length')], [200, String(config.size)]);
		const json = await ask('GET', `${folder}/manifest.json`);
		t.is(json.json.mediaType, manifestType);
		t.is(json.headers.get('x-checksum-sha1'), createHash('sha1').update(json.text).digest('hex'));
		t.is(json.headers.get('x-checksum-md5'), createHash('md5').update(json.text).digest('hex'));
		t.is(json.headers.get('x-artifactory-filename'), 'manifest.json');
		const start = await ask('GET', `${folder}/manifest.json`, {headers: {range: 'bytes=0-0'}});
		t.deepEqual([start.status, start.text], [206, '{']);
		t.is((await ask('GET', `${folder}/manifest.json`, {headers: {range: 'bytes=9999-'}})).status, 416);
		const known = {headers: {'if-none-match': `"${manifest.digest}"`}};
		t.is((await ask('GET', `${folder}/manifest.json`, known)).status, 304);
		t.is((await ask('GET', `/${key}/team/app/${manifest.digest}/manifest.json`)).status, 200);
		for (const path of ['list.manifest.json', `sha256__${'0'.repeat(64)}`, 'x', `${fileOf(layer)}.marker`]) {
			t.is((await ask('GET', `${folder}/${path}`)).status, 404, path);
		}
	}
	t.is((await ask('GET', '/docker-local/team/app/1.0')).status, 404);
	t.is((await ask('PUT', '/docker-local/team/app/1.0/manifest.json')).status, 405);
	t.is((await ask('GET', '/v1/team/app')).status, 404);
});

test('what the caller may not read is not there, whether it exists or not', async t => {
	const {ask, pushImage, send} = await makeItemWorld(t);
	await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-local/secret/app', '1.0');
	await send('PUT', '/api/security/users/ann', {password: 'correct horse battery', email: 'ann@example.org'});
	await send('PUT', '/api/security/permissions/team', {
		includesPattern: 'team/**',
		repositories: ['docker-local'],
		principals: {users: {ann: ['r', 'n']}},
	});
	const authorization = `Basic ${Buffer.from('ann:correct horse battery').toString('base64')}`;
	const asAnn = (method: string, path: string) => ask(method, path, {headers: {authorization}});
	t.deepEqual((await asAnn('GET', '/api/storage/docker-local')).json.children, [{uri: '/team', folder: true}]);
	t.deepEqual((await asAnn('GET', '/api/storage/docker-local?list&deep=1')).json.files.length, 3);
	for (const image of ['secret/app', 'secret/never']) {
		for (const path of ['/1.0', '/1.0/manifest.json', '']) {
			t.is((await asAnn('GET', `/api/storage/docker-local/${image}${path}`)).status, 403, image + path);
			t.is((await asAnn('DELETE', `/docker-local/${image}${path}`)).status, 403, image + path);
			const properties = `/api/storage/docker-local/${image}${path}?properties=a=1`;
			t.is((await asAnn('PUT', properties)).status, 403, image + path);
		}
		t.is((await asAnn('GET', `/docker-local/${image}/1.0/manifest.json`)).status, 403);
	}
	t.is((await asAnn('GET', '/api/storage/docker-local/team/never')).status, 404);
	t.is((await asAnn('DELETE', '/docker-local/team/app')).status, 403);
	t.is((await asAnn('PUT', '/api/storage/docker-local/team/app?properties=a=1')).status, 204);
	const query = {body: 'items.find({"name":"manifest.json"})', headers: {authorization, 'content-type': 'text/plain'}};
	const found = await ask('POST', '/api/search/aql', query);
	t.deepEqual(
		found.json.results.map(({path}: {path: string}) => path),
		['team/app/1.0'],
	);
	t.is((await ask('GET', '/api/storage/docker-local', {headers: {authorization: ''}})).status, 401);
});

test('deleting a tag, an image and a folder takes all that only they needed, and nothing else', async t => {
	const {ask, send, put, pushImage} = await makeItemWorld(t);
	const there = async (image: string, reference: string) =>
		(await ask('HEAD', `/v2/docker-local/${image}/manifests/${reference}`)).status === 200;
	const child = await pushImage('docker-local/team/app', undefined, 'child');
	const index = await put('docker-local/team/app', '1.0', {manifests: [child.manifest]}, indexType);
	const signature = {config: child.config, layers: [], subject: index};
	const signed = await put('docker-local/team/app', undefined, signature);
	await pushImage('docker-local/team/app', '2.0');
	const remove = async (path: string) => (await ask('DELETE', `/artifactory/docker-local/${path}`)).status;
	t.is(await remove(`team/app/${child.manifest.digest}`), 409);
	t.is(await remove(`team/app/2.0/${fileOf((await pushImage('docker-local/team/app', '2.0')).layer)}`), 204);
	t.true(await there('team/app', '2.0'));
	t.is(await remove('team/app/1.0'), 204);
	for (const {digest} of [index, child.manifest, signed]) {
		t.false(await there('team/app', digest));
	}
	t.true(await there('team/app', '2.0'));
	t.is(await remove('team/app/1.0'), 404);
	t.is(await remove('team/app/2.0/manifest.json'), 204);
	t.is((await ask('GET', '/api/storage/docker-local/team/app')).status, 404);
	for (const image of ['team/app', 'team/app/debug', 'team/other', 'teams']) {
		await pushImage(`docker-local/${image}`, '1.0');
	}
	t.is(await remove('team/app'), 204);
	t.false((await there('team/app', '1.0')) || (await there('team/app/debug', '1.0')));
	t.true(await there('team/other', '1.0'));
	t.is(await remove('team'), 204);
	t.true(await there('teams', '1.0'));
	await send('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['docker-local']});
	t.is((await ask('DELETE', '/all/teams')).status, 400);
	for (const end of ['', '/']) {
		const whole = await ask('DELETE', `/artifactory/docker-local${end}`);
		t.is(whole.status, 404);
		t.like(whole.json, {errors: [{status: 404}]});
	}
	t.is((await ask('DELETE', '/docker-never/teams')).status, 404);
});

test('what the rules of a repository leave out is not there, and immutable tags are neither deleted nor moved', async t => {
	const {ask, send, pushImage} = await makeItemWorld(t);
	const {layer} = await pushImage('docker-local/team/app', 'v1');
	await pushImage('docker-local/team/app', 'latest', 'other');
	await pushImage('docker-local/base', '1.0');
	const rules = (fields: object) => send('POST', '/api/repositories/docker-local', fields);
	t.is((await rules({immutableTags: ['v*']})).status, 200);
	for (const path of ['team/app/v1', 'team/app/v1/manifest.json', `team/app/v1/${fileOf(layer)}`, 'team/app', 'team']) {
		t.is((await ask('DELETE', `/docker-local/${path}`)).status, 403, path);
	}
	t.is((await ask('POST', '/api/move/docker-local/team/app/v1?to=/docker-dev/app/v1')).status, 403);
	t.is((await ask('POST', '/api/move/docker-local/team/app/v1?to=/docker-dev/app/v1&dry=1')).status, 403);
	t.is((await ask('DELETE', '/docker-local/team/app/latest')).status, 204);
	t.is((await rules({immutableTags: [], excludesPattern: 'base'})).status, 200);
	const {json} = await ask('GET', '/api/storage/docker-local');
	t.deepEqual(json.children, [{uri: '/team', folder: true}]);
	t.is((await ask('GET', '/api/storage/docker-local/base/1.0')).status, 404);
	t.is((await ask('GET', '/docker-local/base/1.0/manifest.json')).status, 403);
	t.is((await ask('DELETE', '/docker-local/base')).status, 204);
	t.is((await rules({blackedOut: true})).status, 200);
	t.deepEqual((await ask('GET', '/api/storage/docker-local')).json.children, []);
	t.is((await ask('DELETE', '/docker-local/team/app/v1')).status, 204);
});
