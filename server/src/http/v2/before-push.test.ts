import type {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {imageFixture} from '@stowage/testing';
import test from 'ava';
import {type ProxyAnswer, openProxyWorld, remote, startUpstream, virtual} from '../fixtures/proxy-world.ts';

const image = 'team/app';
const path = `docker/${image}/manifests/v1`;
const docker = virtual(['docker-local', 'hub'], {defaultDeploymentRepo: 'docker-local'});
const readOnly = virtual(['docker-local', 'hub']);

type Ask = (path: string, request?: RequestInit) => Promise<ProxyAnswer>;

/** `Authorization` of the administrator with a token that is good for `actions` on the image. */
async function bearer(ask: Ask, actions: string): Promise<{authorization: string}> {
	const {text} = await ask(`token?service=s&scope=repository:docker/${image}:${actions}`);
	return {authorization: `Bearer ${(JSON.parse(text) as {token: string}).token}`};
}

const troubles: Readonly<Record<string, (upstream: ScriptedRegistry) => void | Promise<void>>> = {
	'is down': upstream => upstream.stop(),
	'limits us': upstream => upstream.script(/./, (_request, response) => response.writeHead(429).end()),
	fails: upstream => upstream.script(/./, (_request, response) => response.writeHead(503).end()),
};

for (const [trouble, begin] of Object.entries(troubles)) {
	test(`an upstream that ${trouble} keeps nobody from pushing: to who may push, what he asks for by HEAD is not there`, async t => {
		const upstream = await startUpstream(t);
		const {ask, push} = await openProxyWorld(t, {hub: remote(upstream), docker});
		const [base, content] = [imageFixture(), imageFixture()];
		upstream.putImage(image, base, ['base']);
		await ask(`docker/${image}/manifests/base`);
		await begin(upstream);
		for (const what of ['manifests/v1', `manifests/${content.manifest.digest}`, `blobs/${base.config.digest}`]) {
			const head = await ask(`docker/${image}/${what}`, {method: 'HEAD'});
			t.is(head.status, 404, what);
			t.regex(head.headers.get('warning') ?? '', /^299 - "member \\"hub\\" of \\"docker\\": the upstream/);
		}
		await push('docker', image, content, 'v1');
		t.is((await ask(path, {method: 'HEAD'})).headers.get('docker-content-digest'), content.manifest.digest);
	});
}

test('who asks for content, or may not push it, is told of the trouble', async t => {
	const upstream = await startUpstream(t);
	const {ask} = await openProxyWorld(t, {hub: remote(upstream), docker, 'read-only': readOnly});
	upstream.script(/./, (_request, response) => response.writeHead(503).end());
	const asked = async (where: string, request: RequestInit) => {
		const {status, headers} = await ask(where, request);
		return [status, headers.get('warning')];
	};
	t.deepEqual(await asked(path, {}), [503, null]);
	t.deepEqual(await asked(`read-only/${image}/manifests/v1`, {method: 'HEAD'}), [503, null]);
	t.deepEqual(await asked(`hub/${image}/manifests/v1`, {method: 'HEAD'}), [503, null]);
	t.deepEqual(await asked(path, {method: 'HEAD', headers: await bearer(ask, 'pull')}), [503, null]);
	const pushing = await ask(path, {method: 'HEAD', headers: await bearer(ask, 'pull,push')});
	t.is(pushing.status, 404);
});

test('no other member is asked in place of one that is in trouble', async t => {
	const [upstream, other] = [await startUpstream(t), await startUpstream(t)];
	const members = virtual(['docker-local', 'hub', 'other'], {defaultDeploymentRepo: 'docker-local'});
	const {ask} = await openProxyWorld(t, {hub: remote(upstream), other: remote(other), docker: members});
	other.putImage(image, imageFixture(), ['v1']);
	upstream.script(/./, (_request, response) => response.writeHead(503).end());
	t.is((await ask(path, {method: 'HEAD'})).status, 404);
	t.is(other.requests.length, 0);
});
