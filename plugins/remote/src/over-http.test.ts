import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {startStowage} from '@stowage/test-servers';
import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {imageFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';

const image = 'library/alpine';

async function openWorld(t: ExecutionContext, options: object = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-over-http-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const upstream = await ScriptedRegistry.start();
	t.teardown(() => upstream.stop());
	const content = imageFixture({layerSize: 200_000});
	upstream.putImage(image, content, ['v1']);
	const hub = {url: upstream.url, mirrorOf: 'docker.io', allowedAddresses: ['127.0.0.1'], ...options};
	const repositories = {hub: {type: 'remote', options: hub}};
	const stowage = await startStowage({folder, configuration: {log: {level: 'error'}, bootstrap: {repositories}}});
	t.teardown(() => stowage.process.stop());
	const authorization = `Basic ${Buffer.from(`admin:${stowage.password}`).toString('base64')}`;
	const ask = async (
		path: string,
		request: {method?: string; headers?: Record<string, string>; body?: string} = {},
	) => {
		const headers = {authorization, ...request.headers};
		const answer = await fetch(`${stowage.url}/v2/${path}`, {...request, headers});
		return {status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer())};
	};
	return {folder, upstream, content, ask};
}

test('a client pulls, in whole and in parts, and nothing is left of what was spooled', async t => {
	const {ask, content, folder, upstream} = await openWorld(t);
	const manifest = await ask(`hub/${image}/manifests/v1`);
	t.deepEqual([manifest.status, manifest.bytes], [200, content.manifest.bytes]);
	t.is(manifest.headers.get('x-artifactory-docker-registry'), 'hub');
	t.is(manifest.headers.get('warning'), null);
	const [first, second] = content.layers;
	const part = await ask(`hub/${image}/blobs/${first!.digest}`, {headers: {range: 'bytes=100000-100099'}});
	t.deepEqual([part.status, part.bytes], [206, first!.bytes.subarray(100_000, 100_100)]);
	t.is(part.headers.get('content-range'), 'bytes 100000-100099/200000');
	const whole = await ask(`hub/${image}/blobs/${second!.digest}`);
	t.deepEqual([whole.status, whole.bytes], [200, second!.bytes]);
	const head = await ask(`hub/${image}/blobs/${second!.digest}`, {method: 'HEAD'});
	t.deepEqual([head.status, head.headers.get('content-length')], [200, '200000']);
	const beyond = await ask(`hub/${image}/blobs/${content.config.digest}`, {headers: {range: 'bytes=900000-'}});
	t.is(beyond.status, 416);
	t.is(upstream.count(new RegExp(second!.digest)), 1);
	t.deepEqual(await readdir(join(folder, 'data', 'spool')), []);
});

test('trouble of the upstream is told as what it is, and as a warning over what is stored', async t => {
	const {ask, upstream} = await openWorld(t, {retrievalCachePeriodSecs: 0});
	await ask(`hub/${image}/manifests/v1`);
	for (const [status, told] of [
		[401, 401],
		[403, 403],
		[404, 404],
		[429, 429],
		[500, 502],
		[503, 503],
	] as const) {
		upstream.script(/./, (_request, response) =>
			response.writeHead(status, {'retry-after': '9', 'ratelimit-remaining': '0;w=21600'}).end(),
		);
		const refused = await ask(`hub/${image}/manifests/none-${status}`);
		t.is(refused.status, told);
		const {errors} = JSON.parse(refused.bytes.toString()) as {errors: {code: string}[]};
		t.is(errors.length, 1);
		if (status === 429) {
			t.is(refused.headers.get('retry-after'), '9');
			t.is(refused.headers.get('ratelimit-remaining'), '0;w=21600');
		}
		const stored = await ask(`hub/${image}/manifests/v1`);
		t.is(stored.status, 200);
		t.regex(stored.headers.get('warning') ?? '', /^299 - "\\"hub\\" serves what it has stored/);
		t.regex(stored.headers.get('warning') ?? '', /stored/);
	}
});

test('who pushes to a remote repository or its cache is told that nobody can', async t => {
	const {ask, content} = await openWorld(t);
	for (const key of ['hub', 'hub-cache']) {
		const started = await ask(`${key}/${image}/blobs/uploads/`, {method: 'POST'});
		const headers = {'content-type': content.manifest.mediaType};
		const body = content.manifest.bytes.toString();
		const put = await ask(`${key}/${image}/manifests/v2`, {method: 'PUT', headers, body});
		for (const {status, bytes} of [started, put]) {
			t.is(status, 405);
			t.regex(bytes.toString(), /remote repository.*nothing can be pushed/);
		}
	}
});

test('the cache is listed and deleted from under its own key', async t => {
	const {ask, upstream} = await openWorld(t);
	await ask(`hub/${image}/manifests/v1`);
	const catalog = await ask('_catalog');
	t.deepEqual(JSON.parse(catalog.bytes.toString()), {repositories: [`hub-cache/${image}`, `hub/${image}`]});
	const tags = await ask(`hub-cache/${image}/tags/list`);
	t.deepEqual(JSON.parse(tags.bytes.toString()), {name: `hub-cache/${image}`, tags: ['v1']});
	t.is((await ask(`hub/${image}/manifests/v1`, {method: 'DELETE'})).status, 405);
	t.is((await ask(`hub-cache/${image}/manifests/v1`, {method: 'DELETE'})).status, 202);
	t.is((await ask(`hub-cache/${image}/manifests/v1`)).status, 404);
	const before = upstream.requests.length;
	t.is((await ask(`hub/${image}/manifests/v1`)).status, 200);
	t.is(upstream.requests.length, before + 1);
});

test('a client of a mirror of Docker Hub finds it by the registry that it means', async t => {
	const {ask, content} = await openWorld(t);
	for (const path of [`${image}/manifests/v1?ns=docker.io`, 'hub/alpine/manifests/v1?ns=docker.io']) {
		const {status, headers, bytes} = await ask(path);
		t.deepEqual([status, bytes, headers.get('oci-namespace')], [200, content.manifest.bytes, 'docker.io']);
	}
	t.is((await ask(`${image}/manifests/v1?ns=quay.io`)).status, 404);
	t.is((await ask(`hub/${image}/manifests/v1`)).headers.get('oci-namespace'), null);
});
