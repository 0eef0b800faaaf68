import {digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {startApp} from '../../http/fixtures/start-app.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const schema1Type = 'application/vnd.docker.distribution.manifest.v1+json';

interface Told {
	readonly errors?: readonly {readonly code?: string; readonly status?: number; readonly message: string}[];
	readonly tags?: readonly string[];
	readonly repositories?: readonly string[];
}

async function start(t: ExecutionContext) {
	const app = await startApp();
	t.teardown(() => app.stop());
	const ask = async (method: string, path: string, body?: object | string, type = 'application/json') => {
		const response = await fetch(app.url + path, {
			method,
			headers: {authorization: app.admin, 'content-type': type},
			body: typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : (body as string | undefined),
		});
		const text = await response.text();
		const told = (text.startsWith('{') ? JSON.parse(text) : {}) as Told;
		return {status: response.status, text, ...told, error: told.errors?.[0]};
	};
	const make = async (key: string, fields: object) => {
		const made = await ask('PUT', `/api/repositories/${key}`, {rclass: 'local', ...fields});
		t.is(made.status, 200, made.text);
	};
	/** An image of one blob of so many bytes; the answer that ended the push. */
	const push = async (name: string, tag: string, size = 100) => {
		const config = Buffer.from(JSON.stringify(`${tag}-${size}`).padEnd(size));
		const digest = digestOf(config);
		const blob = await ask('POST', `/v2/${name}/blobs/uploads/?digest=${digest}`, config, 'application/octet-stream');
		if (blob.status !== 201) {
			return blob;
		}
		const described = {mediaType: 'application/vnd.oci.image.config.v1+json', digest, size};
		const manifest = {schemaVersion: 2, mediaType: manifestType, config: described, layers: []};
		return ask('PUT', `/v2/${name}/manifests/${tag}`, manifest, manifestType);
	};
	return {ask, make, push};
}

test('fields of a repository are rules of its pushes, at once and when they change', async t => {
	const {ask, make, push} = await start(t);
	await make('ruled', {maxUniqueTags: 2, immutableTags: ['v*'], imageQuota: '1kB', includesPattern: 'team/**'});
	for (const tag of ['v1', 'a', 'b', 'c']) {
		t.is((await push('ruled/team/app', tag)).status, 201);
	}
	t.deepEqual((await ask('GET', '/v2/ruled/team/app/tags/list')).tags, ['b', 'c', 'v1']);
	const moved = await push('ruled/team/app', 'v1', 101);
	t.is(moved.status, 403);
	t.like(moved.error, {code: 'DENIED'});
	t.regex(moved.text, /\\"v1\\" \(by the pattern \\"v\*\\"\)/);
	const large = await push('ruled/team/app', 'large', 700);
	t.like(large, {status: 403, error: {code: 'DENIED'}});
	t.regex(large.text, /quota of this image/);
	t.like(await push('ruled/other/app', 'a'), {status: 403, error: {code: 'DENIED'}});
	t.is((await ask('POST', '/api/repositories/ruled', {immutableTags: [], imageQuota: null})).status, 200);
	t.is((await push('ruled/team/app', 'v1', 101)).status, 201);
	t.is((await push('ruled/team/app', 'large', 700)).status, 201);
	t.like(JSON.parse((await ask('GET', '/api/repositories/ruled')).text), {immutableTags: [], maxUniqueTags: 2});
});

test('a repository that is blacked out neither gives nor takes, and is in no list', async t => {
	const {ask, make, push} = await start(t);
	await make('dark', {});
	t.is((await push('dark/app', '1')).status, 201);
	t.is((await ask('POST', '/api/repositories/dark', {blackedOut: true})).status, 200);
	t.like(await ask('GET', '/v2/dark/app/manifests/1'), {status: 403, error: {code: 'DENIED'}});
	t.is((await push('dark/app', '2')).status, 403);
	t.false((await ask('GET', '/v2/_catalog')).repositories?.includes('dark/app'));
	t.is((await ask('POST', '/api/repositories/dark', {blackedOut: false})).status, 200);
	t.is((await ask('GET', '/v2/dark/app/manifests/1')).status, 200);
	t.true((await ask('GET', '/v2/_catalog')).repositories?.includes('dark/app'));
});

test('a repository that is made here does what Artifactory does where nothing is said', async t => {
	const {ask, make, push} = await start(t);
	await make('plain', {});
	const schema1 = {schemaVersion: 1, name: 'app', tag: 'old', fsLayers: [], history: []};
	t.is((await ask('PUT', '/v2/plain/app/manifests/old', schema1, schema1Type)).status, 400);
	await push('plain/app', 'latest', 100);
	await push('plain/app', 'latest', 101);
	const list = await ask('GET', '/v2/plain/app/manifests/latest');
	await push('plain/app', 'latest', 100);
	const digest = digestOf(Buffer.from(list.text));
	t.is((await ask('GET', `/v2/plain/app/manifests/${digest}`)).status, 404, 'one manifest is kept for a tag');
	const change = {dockerTagRetention: 2, blockPushingSchema1: false};
	t.is((await ask('POST', '/api/repositories/plain', change)).status, 200);
	await push('plain/app', 'latest', 101);
	await push('plain/app', 'latest', 100);
	t.is((await ask('GET', `/v2/plain/app/manifests/${digest}`)).status, 200);
	t.is((await ask('PUT', '/v2/plain/app/manifests/old', schema1, schema1Type)).status, 201);
	t.is((await ask('POST', '/api/repositories/plain', {dockerTagRetention: null})).status, 200);
	t.like(JSON.parse((await ask('GET', '/api/repositories/plain')).text), {
		dockerTagRetention: 1,
		blockPushingSchema1: false,
	});
});

test('a promotion, and a push through a virtual repository, follow the rules of where they end', async t => {
	const {ask, make, push} = await start(t);
	await make('dev', {immutableTags: ['rc-*']});
	await make('prod', {immutableTags: ['v*'], excludesPattern: 'secret/**', repositoryQuota: 150});
	await make('docker', {rclass: 'virtual', repositories: ['prod'], defaultDeploymentRepo: 'prod'});
	const promote = (body: object) => ask('POST', '/api/docker/dev/v2/promote', {targetRepo: 'prod', ...body});
	await push('dev/app', 'v1', 100);
	await push('dev/app', 'rc-1', 101);
	await push('dev/secret/app', 'v1');
	t.is((await promote({dockerRepository: 'app', tag: 'v1', copy: true})).status, 200);
	const moving = await promote({dockerRepository: 'app', tag: 'rc-1', targetTag: 'v1', copy: true});
	t.like(moving, {status: 403, error: {status: 403}});
	t.regex(moving.text, /immutable/);
	const over = await promote({dockerRepository: 'app', tag: 'rc-1', copy: true});
	t.is(over.status, 403);
	t.regex(over.text, /quota/);
	t.is((await promote({dockerRepository: 'secret/app', tag: 'v1'})).status, 403);
	t.is((await ask('POST', '/api/repositories/prod', {repositoryQuota: '1MB'})).status, 200);
	const leaving = await promote({dockerRepository: 'app', tag: 'rc-1'});
	t.is(leaving.status, 403);
	t.regex(leaving.text, /rc-\*/);
	t.is((await push('docker/secret/app', '1')).status, 403);
	t.is((await push('docker/app', 'v1', 102)).status, 403);
	t.is((await push('docker/app', 'other', 102)).status, 201);
});

const wrong: readonly (readonly [fields: object, message: RegExp])[] = [
	[{includesPattern: '../x'}, /field "includesPattern": /],
	[{immutableTags: ['v*', 'a/b']}, /field "immutableTags\[1\]": /],
	[{immutableTags: 'v*'}, /field "immutableTags": /],
	[{repositoryQuota: 'much'}, /field "repositoryQuota": /],
	[{imageQuota: -1}, /field "imageQuota": /],
	[{maxUniqueTags: -1}, /field "maxUniqueTags": /],
	[{platformTags: 'yes'}, /field "platformTags": /],
];

for (const [fields, message] of wrong) {
	test(`${JSON.stringify(fields)} is refused with the name of the field`, async t => {
		const {ask} = await start(t);
		const answer = await ask('PUT', '/api/repositories/wrong', {rclass: 'local', ...fields});
		t.is(answer.status, 400);
		t.regex(answer.error?.message ?? '', message);
	});
}
