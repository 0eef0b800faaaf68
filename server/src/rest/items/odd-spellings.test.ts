import {type IncomingMessage, request as open} from 'node:http';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {basicAuthorization} from '../../auth/authorization-header.ts';
import {makeItemWorld} from './fixtures/item-world.ts';

const oddTexts = [
	"'; drop table item_properties; --",
	'" or "1"="1',
	'%',
	'_',
	'100%_x',
	'a\\_b',
	'__proto__',
	'constructor',
	'hasOwnProperty',
];

const path = (tag: string) => `/api/storage/docker-local/app/${tag}/manifest.json`;

/** As a name or a value of the parameter `properties`. */
const written = (text: string) => encodeURIComponent(text.replaceAll(/[\\,;|=]/g, '\\$&'));

test('properties are called by any text, which means itself alone', async t => {
	const {ask, aql, pushImage} = await makeItemWorld(t);
	for (const tag of ['1.0', '2.0']) {
		await pushImage('docker-local/app', tag);
	}
	t.is((await ask('PUT', `${path('2.0')}?properties=plain=other`)).status, 204);
	for (const name of oddTexts) {
		const named = `${path('1.0')}?properties=${written(name)}`;
		t.is((await ask('PUT', `${named}=${written(name)}`)).status, 204, name);
		const read = await ask('GET', named);
		t.deepEqual(Object.entries(JSON.parse(read.text).properties as object), [[name, [name]]], name);
		t.is((await ask('GET', `${path('2.0')}?properties=${written(name)}`)).status, 404, name);
		const found = await aql(
			`items.find({${JSON.stringify(`@${name}`)}:{"$eq":${JSON.stringify(name)}}}).include("path")`,
		);
		t.deepEqual(found.results, [{path: 'app/1.0'}], name);
		t.is((await ask('DELETE', named)).status, 204, name);
		t.is((await ask('GET', named)).status, 404, name);
	}
	t.is((await ask('GET', `${path('2.0')}?properties=plain`)).status, 200);
});

test('no text in place of the key of a repository means another repository, or breaks anything', async t => {
	const {ask, send, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/app', '1.0');
	for (const key of [...oddTexts, 'docker_local', 'docker-loca_', 'docker%', 'DOCKER-LOCAL', 'docker-local ']) {
		const name = encodeURIComponent(key);
		for (const [method, address] of [
			['GET', `/api/repositories/${name}`],
			['DELETE', `/api/repositories/${name}`],
			['GET', `/api/storage/${name}`],
			['GET', `/api/storage/${name}/app/1.0`],
			['PUT', `/api/storage/${name}/app/1.0?properties=a=b`],
			['POST', `/api/copy/${name}/app/1.0?to=/docker-dev/app/1.0`],
			['POST', `/api/copy/docker-local/app/1.0?to=/${name}/app/1.0`],
			['GET', `/${name}/app/1.0/manifest.json`],
			['PUT', `/${name}/app/`],
			['DELETE', `/${name}/app/1.0`],
			['GET', `/api/docker/${name}/v2/_catalog`],
		] as const) {
			const {status} = await ask(method, address);
			t.true([400, 404, 405].includes(status), `${method} ${address}: ${status}`);
		}
		const added = await send('POST', '/api/repositories/docker-dev', {[key]: key});
		t.true(added.status === 200 || added.status === 400, `${key}: ${added.status}`);
	}
	t.is((await ask('GET', '/docker-local/app/1.0/manifest.json')).status, 200);
	t.is((await ask('GET', '/api/repositories/docker-local')).status, 200);
});

test('however a path is written, nobody reads, writes or deletes what he may not', async t => {
	const {app, ask, send, pushImage} = await makeItemWorld(t);
	await pushImage('docker-local/public', '1.0');
	await pushImage('docker-local/secret', '1.0');
	await send('PUT', '/api/security/users/ann', {password: 'correct horse battery', email: 'ann@example.org'});
	const principals = {users: {ann: ['r', 'w', 'n', 'd']}};
	const target = {includesPattern: 'public/**', repositories: ['docker-local'], principals};
	t.is((await send('PUT', '/api/security/permissions/public', target)).status, 201);
	const authorization = basicAuthorization('ann', 'correct horse battery');
	// Not by `fetch`, which writes paths in its own way.
	const raw = async (method: string, path: string) => {
		const sent = open({port: app.port, host: '127.0.0.1', method, path, headers: {authorization}}).end();
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			sent.on('response', resolve).on('error', reject);
		});
		return {status: response.statusCode ?? 0, body: await text(response)};
	};
	t.is((await raw('GET', '/docker-local/public/1.0/manifest.json')).status, 200);
	const file = 'secret/1.0/manifest.json';
	const spellings = [
		file,
		`/${file}`,
		`public/../${file}`,
		`public/%2e%2e/${file}`,
		`public%2F..%2F${file}`,
		`./${file}`,
		`%2e/${file}`,
		file.replaceAll('/', '%2F'),
		file.replaceAll('/', '%252F'),
		file.replaceAll('/', '\\'),
		'secret//1.0///manifest.json',
		`${file}/`,
		`${file};public=1`,
		`${file}%00`,
		'%73ecret/1.0/manifest.json',
		'secret/1%2E0/manifest.json',
		'SECRET/1.0/manifest.json',
	];
	for (const prefix of [
		'/docker-local/',
		'//docker-local/',
		'/artifactory/docker-local/',
		'/artifactory/api/storage/docker-local/',
	]) {
		for (const spelling of spellings) {
			for (const method of ['GET', 'PUT', 'DELETE']) {
				const {status, body} = await raw(method, `${prefix}${spelling}${method === 'GET' ? '' : '?properties=a=b'}`);
				t.true(status >= 400 && status < 500, `${method} ${prefix}${spelling}: ${status}`);
				t.false(body.includes('schemaVersion'), prefix + spelling);
			}
		}
	}
	t.is((await ask('GET', '/docker-local/secret/1.0/manifest.json')).status, 200);
	t.is((await ask('GET', '/api/storage/docker-local/secret/1.0/manifest.json?properties=a')).status, 404);
});
