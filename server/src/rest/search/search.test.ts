import test from 'ava';
import {fileOf, indexType, makeItemWorld} from '../items/fixtures/item-world.ts';
import {parseAql} from './aql-query.ts';
import {readCriteria} from './criteria.ts';
import {EventLoopTurns} from './event-loop-turns.ts';
import {findScopes} from './search-scope.ts';

const hex = 'a'.repeat(64);

const otherHex = 'b'.repeat(64);
const many = (count: number) => Array.from({length: count}, (_, index) => `{"repo":"r${index}"}`).join(',');

const scopes: readonly (readonly [criteria: string, expected: readonly string[]])[] = [
	['{}', ['*:']],
	['{"repo":"a"}', ['a:']],
	['{"repo":"a","path":"team/app/1.0"}', ['a:team/app/1.0/']],
	['{"repo":"a","path":{"$match":"team/ap*"}}', ['a:team/ap']],
	['{"$or":[{"repo":"a","path":"x"},{"repo":"b"}]}', ['a:x/', 'b:']],
	['{"repo":"a","$or":[{"path":"x"},{"path":{"$match":"x/*"}}]}', ['a:x/']],
	['{"repo":"a","$and":[{"repo":"b"}]}', []],
	['{"path":{"$ne":"."},"repo":"a","name":{"$match":"*"}}', ['a:']],
	[`{"@sha256":"${hex}","@docker.manifest.digest":"sha256:${hex}"}`, [`*:sha256:${hex}`]],
	[`{"sha256":"${hex}","@docker.manifest.digest":"sha256:${otherHex}"}`, []],
	[`{"$or":[{"sha256":"${hex}"},{"sha256":"${otherHex}"}]}`, [`*:sha256:${hex}`, `*:sha256:${otherHex}`]],
	[`{"$or":[{"sha256":"${hex}"},{"name":"x"}]}`, ['*:']],
	[`{"$or":[{"sha256":"${hex}"},{"repo":"a"}]}`, [`*:sha256:${hex}`, 'a:']],
	[`{"$or":[{"repo":"a","sha256":"${hex}"},{"repo":"a"}]}`, ['a:']],
];

for (const [criteria, expected] of scopes) {
	test(`what meets ${criteria} is in ${expected.join(', ') || 'no place'}`, t => {
		const found = findScopes(parseAql(`items.find(${criteria})`).criteria);
		t.deepEqual(
			found.map(({repository = '*', prefix, digest = ''}) => `${repository}:${prefix}${digest}`),
			[...expected],
		);
	});
}

for (const query of [
	'',
	'builds.find({})',
	'items.include("name")',
	'items.find({"repo":"a")',
	'items.find({"repo":)',
	'items.find({"colour":"a"})',
	'items.find({"repo":{"$like":"a"}})',
	'items.find({"repo":["a"]})',
	'items.find({"$or":{}})',
	'items.find({"created":{"$before":"soon"}})',
	'items.find({"created":{"$last":"999999999y"}})',
	`items.find({"$or":[${many(501)}]})`,
	`items.find({"$or":[${'{},'.repeat(1000)}{}]})`,
	`items.find({"name":{"$match":"${'*a'.repeat(513)}"}})`,
	'items.find({}).drop()',
	'items.find({}).limit("a")',
	'items.find({}).sort({"$up":["name"]})',
]) {
	test(`"${query.slice(0, 60)}"${query.length > 60 ? ` of ${query.length} characters` : ''} is refused`, t => {
		t.throws(() => parseAql(query), {message: /cannot be read/});
	});
}

test('with more places than are looked through one by one, all is', t => {
	t.is(findScopes(parseAql(`items.find({"$or":[${many(500)}]})`).criteria).length, 500);
	t.deepEqual(findScopes({kind: 'or', parts: Array(501).fill(readCriteria({repo: 'a'}))}), [{prefix: ''}]);
});

test('work that has taken long lets others have their turn', async t => {
	const turns = new EventLoopTurns();
	let others = 0;
	setImmediate(() => others++);
	const start = performance.now();
	while (performance.now() - start < 20) {
		// It waits for nothing.
	}
	t.is(others, 0);
	await turns.next();
	t.is(others, 1);
});

/** As the clients write it, for a pattern of paths. */
function place(path: string): string {
	return `{"$and":[{"repo":"docker-local","path":${path},"name":{"$match":"*"}}]}`;
}

test('the query that is sent after a push finds the files of a tag, with properties and checksums', async t => {
	const {aql, ask, put, pushImage} = await makeItemWorld(t);
	const {config, layer, manifest} = await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-local/team/app', '1.0-debug');
	await put('docker-local/team/app', 'multi', {manifests: [manifest]}, indexType);
	await ask('PUT', '/api/storage/docker-local/team/app/1.0/manifest.json?properties=build.name=ci&recursive=0');
	const fields = ['name', 'repo', 'path', 'actual_md5', 'actual_sha1', 'sha256', 'size', 'type', 'modified', 'created'];
	const include = [...fields, 'property'].map(name => `"${name}"`).join(',');
	const {status, json, results} = await aql(
		`items.find({"path":{"$ne":"."},"$or":[${place('"team/app/1.0"')},${place('{"$match":"team/app/1.0/*"}')}]}).include(${include})`,
	);
	t.is(status, 200);
	t.deepEqual(json.range, {start_pos: 0, end_pos: 3, total: 3});
	t.deepEqual(
		results.map(({name, path}) => [path, name]),
		['manifest.json', fileOf(config), fileOf(layer)].map(name => ['team/app/1.0', name]),
	);
	t.true(results.every(row => /^[0-9a-f]{32}$/.test(String(row['actual_md5']))));
	t.true(results.every(row => /^[0-9a-f]{40}$/.test(String(row['actual_sha1']))));
	const first = results[0] as {sha256: string; actual_sha1: string; size: number; properties: {key: string}[]};
	t.like(first, {repo: 'docker-local', type: 'file', sha256: manifest.digest.slice(7), size: manifest.size});
	t.regex(first.actual_sha1, /^[a-f0-9]{40}$/);
	t.true(first.properties.some(({key}) => key === 'build.name'));
	t.true(first.properties.some(({key}) => key === 'docker.manifest.digest'));
	const children = await aql(`items.find({"repo":"docker-local","path":"team/app/${manifest.digest}"})`);
	t.is(children.results.length, 3);
});

test('items are found by properties, types and names, sorted and in parts', async t => {
	const {aql, ask, pushImage} = await makeItemWorld(t);
	const {manifest, layer} = await pushImage('docker-local/team/app', '1.0');
	await pushImage('docker-dev/app', '2.0');
	await ask('PUT', '/api/storage/docker-local/team/app/1.0?properties=stage=test,prod');
	const paths = async (query: string) => {
		const {status, results, text} = await aql(`items.find(${query}`);
		t.is(status, 200, text);
		return results.map(({repo, path, name}) => `${String(repo)}/${String(path)}/${String(name)}`);
	};
	const one = ['docker-local/team/app/1.0/manifest.json'];
	t.deepEqual(await paths(`{"name":"manifest.json","@docker.manifest.digest":"${manifest.digest}"})`), one);
	t.deepEqual(await paths(`{"name":"manifest.json","@sha256":"${manifest.digest.slice(7)}"})`), one);
	t.deepEqual(await paths('{"@docker.label.maintainer":{"$match":"*1.0"}})'), one);
	t.is((await paths('{"@stage":"prod"})')).length, 3);
	t.is((await paths('{"@stage":"prod","type":"any"})')).length, 4);
	t.deepEqual(await paths('{"@stage":{"$ne":"prod"},"name":"manifest.json"})'), ['docker-dev/app/2.0/manifest.json']);
	t.deepEqual(await paths('{"@stage":"prod","type":"folder"})'), ['docker-local/team/app/1.0']);
	t.deepEqual(await paths('{"type":"folder","repo":"docker-local"})'), [
		'docker-local/./team',
		'docker-local/team/app',
		'docker-local/team/app/1.0',
	]);
	t.deepEqual(await paths('{"size":{"$gt":0},"name":"manifest.json"}).sort({"$desc":["repo"]}).limit(1)'), one);
	t.deepEqual(await paths('{"name":"manifest.json"}).sort({"$desc":["repo"]}).offset(1)'), [
		'docker-dev/app/2.0/manifest.json',
	]);
	t.is((await paths('{"modified":{"$last":"1d"},"name":"manifest.json"})')).length, 2);
	t.deepEqual(await paths('{"modified":{"$before":"2mo"}})'), []);
	const {digest} = manifest;
	const either = `{"$or":[{"sha256":"${digest.slice(7)}"},{"sha256":"${'f'.repeat(64)}"},{"name":"none"}]})`;
	t.deepEqual(await paths(either), one);
	const layerHex = layer.digest.slice(7);
	const both = ['docker-local/team/app/1.0/manifest.json', `docker-local/team/app/1.0/${fileOf(layer)}`];
	for (const [query, expected] of [
		[`{"$or":[{"sha256":"${digest.slice(7)}"},{"sha256":"${layerHex}"}]})`, both],
		[`{"$or":[{"sha256":"${layerHex}"},{"repo":"docker-local","name":"manifest.json"}]})`, both],
		[`{"$or":[{"path":"team/app/1.0","name":"manifest.json"},{"repo":"docker-local","sha256":"${layerHex}"}]})`, both],
	] as const) {
		t.deepEqual((await paths(query)).toSorted(), expected.toSorted(), query);
	}
	t.deepEqual(await paths('{"artifact.module.build.name":"ci"})'), []);
	t.deepEqual(await paths('{"repo":"docker-never"})'), []);
	t.is((await aql('items.find({"colour":"red"})')).status, 400);
	const classic = async (query: string) => (await ask('GET', `/api/search/${query}`)).json.results as {uri: string}[];
	t.true(
		(await classic('prop?stage=test&repos=docker-local')).every(({uri}) => uri.includes('/api/storage/docker-local/')),
	);
	t.is((await classic('prop?stage')).length, 4);
	t.is((await classic('artifact?name=manifest.*')).length, 2);
	t.is((await classic(`checksum?sha256=${manifest.digest.slice(7)}`)).length, 1);
});
