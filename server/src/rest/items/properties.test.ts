import test from 'ava';
import {makeSecurityWorld} from '../security/fixtures/security-world.ts';
import {fileOf, indexType, makeItemWorld} from './fixtures/item-world.ts';
import {readNames, readProperties} from './property-text.ts';

const configType = 'application/vnd.oci.image.config.v1+json';

const texts: Readonly<Record<string, Record<string, readonly string[]>>> = {
	'a=1': {a: ['1']},
	'a=1,2;b=3': {a: ['1', '2'], b: ['3']},
	'a=1|b=2': {a: ['1'], b: ['2']},
	'a=1;a=2,1': {a: ['1', '2']},
	'a=': {a: ['']},
	a: {a: ['']},
	'a=b=c': {a: ['b=c']},
	'a=1\\,2': {a: ['1,2']},
	'a\\=b=c\\;d\\|e\\\\': {'a=b': ['c;d|e\\']},
	';a=1;': {a: ['1']},
	' a =b ': {a: ['b ']},
};

for (const [text, expected] of Object.entries(texts)) {
	test(`"${text}" is ${JSON.stringify(expected)}`, t => {
		t.deepEqual(Object.fromEntries(readProperties(text)), expected);
	});
}

test('names have commas between, and a property has a name', t => {
	t.deepEqual(readNames('a, b\\,c,'), ['a', 'b,c']);
	t.throws(() => readProperties('=1'), {message: /has no name/});
});

test('a manifest says what it is, with the labels of its config, whatever the tag is called', async t => {
	const {ask, put, pushImage} = await makeItemWorld(t);
	const {manifest, layer} = await pushImage('docker-local/team/app', '1.0');
	await put('docker-local/team/app', 'multi', {manifests: [manifest]}, indexType);
	await ask('POST', '/api/copy/docker-local/team/app/1.0?to=/docker-local/team/app/2.0');
	const read = async (path: string) => (await ask('GET', `/api/storage/docker-local/team/app/${path}?properties`)).json;
	for (const name of ['1.0', '2.0', manifest.digest]) {
		const {properties, uri} = await read(`${name}/manifest.json`);
		t.deepEqual(properties, {
			'docker.label.maintainer': ['who made 1.0'],
			'docker.manifest': [name],
			'docker.manifest.digest': [manifest.digest],
			'docker.manifest.type': [manifest.mediaType],
			'docker.repoName': ['team/app'],
			sha256: [manifest.digest.slice(7)],
		});
		t.true(uri.endsWith(`/team/app/${name}/manifest.json`));
	}
	t.deepEqual((await read(`1.0/${fileOf(layer)}`)).properties, {sha256: [layer.digest.slice(7)]});
	const index = (await read('multi/list.manifest.json')).properties;
	t.deepEqual([index['docker.manifest.type'], index['docker.label.maintainer']], [[indexType], undefined]);
	const none = await ask('GET', '/api/storage/docker-local/team/app/1.0?properties');
	t.is(none.status, 404);
	t.true(none.text.includes('No properties could be found'));
	for (const [name, status] of [
		['docker.manifest=9', 400],
		['docker.manifest=1.0', 204],
		['docker.label.maintainer=who made 1.0;a=b', 204],
		['sha256=x', 400],
	] as const) {
		t.is(
			(await ask('PUT', `/api/storage/docker-local/team/app/1.0/manifest.json?properties=${name}`)).status,
			status,
			name,
		);
	}
	t.is((await ask('DELETE', '/api/storage/docker-local/team/app/1.0/manifest.json?properties=sha256')).status, 204);
	t.deepEqual((await read('1.0/manifest.json')).properties.sha256, [manifest.digest.slice(7)]);
	t.deepEqual((await read('1.0/manifest.json')).properties.a, ['b']);
});

test('properties of a folder are those of all below it, unless it is said otherwise', async t => {
	const {ask, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-local/team/app/debug', '1.0');
	const put = (path: string, query: string) => ask('PUT', `/api/storage/docker-local${path}?properties=${query}`);
	const of = async (path: string) =>
		(await ask('GET', `/api/storage/docker-local${path}?properties=a`)).json.properties?.a as string[] | undefined;
	t.is((await put('/team/app', 'a=1&recursive=0')).status, 204);
	t.deepEqual([await of('/team/app'), await of('/team/app/1.0')], [['1'], undefined]);
	t.is((await put('/team', 'a=2,3')).status, 204);
	const everywhere = ['/team', '/team/app', '/team/app/1.0', '/team/app/1.0/manifest.json', '/team/app/debug/1.0'];
	for (const path of everywhere) {
		t.deepEqual(await of(path), ['2', '3'], path);
	}
	t.is((await ask('DELETE', '/api/storage/docker-local/team/app/1.0?properties=a,b')).status, 204);
	t.is(await of('/team/app/1.0/manifest.json'), undefined);
	t.deepEqual(await of('/team/app'), ['2', '3']);
	t.is((await put('', 'a=4')).status, 204);
	t.deepEqual([await of(''), await of('/team/app/1.0/manifest.json')], [['4'], ['4']]);
	for (const [path, query, status] of [
		['/team/never', 'a=1', 404],
		['/team/app', '', 400],
		['/team/app', `a=${'x'.repeat(4001)}`, 400],
		['/team/app', '%07=1', 400],
	] as const) {
		t.is((await put(path, query)).status, status, query.slice(0, 10));
	}
});

test('labels beyond 64 KiB are left out of the properties of a manifest', async t => {
	const {ask, upload, put} = await makeItemWorld(t);
	const labels = {
		first: 'x'.repeat(3000),
		...Object.fromEntries('abcdefghi'.split('').map(name => [name, 'x'.repeat(8000)])),
	};
	const config = await upload('docker-local/app', JSON.stringify({config: {Labels: labels}}), configType);
	await put('docker-local/app', '1.0', {config, layers: []});
	const {json} = await ask('GET', '/api/storage/docker-local/app/1.0/manifest.json?properties');
	const names = Object.keys(json.properties).filter(name => name.startsWith('docker.label.'));
	t.deepEqual(names, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'first'].map(name => `docker.label.${name}`).toSorted());
});

test('properties of a repository are for administrators, whatever its path is written like', async t => {
	const {ask, addUser} = await makeSecurityWorld(t);
	const as = await addUser('ann');
	const principals = {users: {ann: ['r', 'n']}};
	const target = {includesPattern: 'app', repositories: ['docker-local'], principals};
	t.is((await ask('PUT', '/api/security/permissions/target', {json: target})).status, 201);
	for (const end of ['', '/', '//', '/%2F', '/%2F/']) {
		for (const [method, path, json] of [
			['PUT', `/api/storage/docker-local${end}?properties=a=b`, undefined],
			['DELETE', `/api/storage/docker-local${end}?properties=a`, undefined],
			['PATCH', `/api/metadata/docker-local${end}`, {props: {a: 'b'}}],
			['PUT', `/api/metadata/docker-local${end}`, {props: {a: 'b'}}],
		] as const) {
			t.is((await ask(method, path, {as, json})).status, 403, `${method} ${path}`);
			t.is((await ask(method, path, {json})).status, 204, `${method} ${path}`);
			t.is((await ask('GET', `/api/storage/docker-local${end}`)).status, 200, end);
		}
	}
});

test('when a tag is pushed again its file is another, without the properties of the one before', async t => {
	const {ask, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/app', 'latest', 'one');
	const path = '/api/storage/docker-local/app/latest/manifest.json?properties=build.number';
	await ask('PUT', `${path}=1`);
	t.is((await ask('GET', path)).status, 200);
	await pushImage('docker-local/app', 'latest', 'two');
	t.is((await ask('GET', path)).status, 404);
});
