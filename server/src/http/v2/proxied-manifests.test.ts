import {imageFixture} from '@stowage/testing';
import test from 'ava';
import {type ProxyAnswer, openProxyWorld, remote, startUpstream, virtual} from '../fixtures/proxy-world.ts';

const image = 'team/app';
const path = `docker/${image}/manifests`;
const docker = virtual(['docker-local', 'hub']);

function digestOf({headers}: ProxyAnswer): string | null {
	return headers.get('docker-content-digest');
}

function holderOf({headers}: ProxyAnswer): string | null {
	return headers.get('x-artifactory-docker-registry');
}

for (const byTimestamp of [false, true]) {
	test(`a tag is as current through a virtual repository as at its remote member${byTimestamp ? ', by timestamp too' : ''}`, async t => {
		const upstream = await startUpstream(t);
		const more = {resolveDockerTagsByTimestamp: byTimestamp};
		const repositories = {hub: remote(upstream), docker: virtual(['docker-local', 'hub'], more)};
		const {ask} = await openProxyWorld(t, repositories);
		const [first, moved] = [imageFixture(), imageFixture()];
		upstream.putImage(image, first, ['v1']);
		t.is(digestOf(await ask(`${path}/v1`, {method: 'HEAD'})), first.manifest.digest);
		upstream.putImage(image, moved, ['v1']);
		t.is(digestOf(await ask(`${path}/v1`, {method: 'HEAD'})), moved.manifest.digest);
		t.is((await ask(`${path}/v1`)).text, moved.manifest.bytes.toString());
		t.deepEqual([upstream.count(/^GET .*\/v1/), upstream.count(/^HEAD .*\/v1/)], [2, 2]);
	});
}

test('a tag is not asked for again before its time, and a digest never', async t => {
	const upstream = await startUpstream(t);
	const {ask} = await openProxyWorld(t, {hub: remote(upstream, {retrievalCachePeriodSecs: 3600}), docker});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	for (const reference of ['v1', 'v1', content.manifest.digest]) {
		t.is((await ask(`${path}/${reference}`)).text, content.manifest.bytes.toString());
	}
	t.is(upstream.requests.length, 1);
});

test('what is stored is served with a warning when the upstream is down; a digest and the cache itself need none', async t => {
	const upstream = await startUpstream(t);
	const {ask} = await openProxyWorld(t, {hub: remote(upstream), docker});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	await ask(`${path}/v1`);
	await upstream.stop();
	const stored = await ask(`${path}/v1`);
	t.deepEqual([stored.status, stored.text], [200, content.manifest.bytes.toString()]);
	t.regex(stored.headers.get('warning') ?? '', /^299 - "\\"hub\\" serves what it has stored/);
	for (const sure of [`hub-cache/${image}/manifests/v1`, `${path}/${content.manifest.digest}`]) {
		const {status, headers} = await ask(sure);
		t.deepEqual([status, headers.get('warning')], [200, null]);
	}
});

test('with hardFail the trouble of a member is told, whatever is stored', async t => {
	const upstream = await startUpstream(t);
	const {ask} = await openProxyWorld(t, {hub: remote(upstream, {hardFail: true}), docker});
	upstream.putImage(image, imageFixture(), ['v1']);
	await ask(`${path}/v1`);
	await upstream.stop();
	const {status, text} = await ask(`${path}/v1`);
	t.is(status, 502);
	t.regex(text, /member \\"hub\\" of \\"docker\\"/);
});

test('a member that is offline serves what it has stored through a virtual repository, and asks nobody', async t => {
	const upstream = await startUpstream(t);
	const hub = remote(upstream);
	const {ask, rest} = await openProxyWorld(t, {hub, docker});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	await ask(`${path}/v1`);
	const definition = (await rest.metadata.definitions.find('hub'))!;
	await rest.metadata.definitions.update({...definition, options: {...hub.options, offline: true}});
	await rest.repositories.refresh();
	const {text, headers} = await ask(`${path}/v1`);
	t.deepEqual([text, headers.get('warning')], [content.manifest.bytes.toString(), null]);
	t.is(upstream.requests.length, 1);
});

test('a member that has a tag stored answers for it, although a later one need not ask for its own again', async t => {
	const [upstream, later] = [await startUpstream(t), await startUpstream(t)];
	later.putImage(image, imageFixture(), ['v1', 'v2']);
	const {ask} = await openProxyWorld(t, {
		hub: remote(upstream),
		other: remote(later, {retrievalCachePeriodSecs: 3600}),
		docker: virtual(['hub', 'other']),
	});
	const [first, moved] = [imageFixture(), imageFixture()];
	upstream.putImage(image, first, ['v1']);
	for (const stored of ['hub/team/app/manifests/v1', 'other/team/app/manifests/v1', 'other/team/app/manifests/v2']) {
		t.is((await ask(stored)).status, 200);
	}
	upstream.putImage(image, moved, ['v1', 'v2']);
	t.is(digestOf(await ask(`${path}/v1`)), moved.manifest.digest);
	t.is(holderOf(await ask(`${path}/v2`)), 'other');
	await upstream.stop();
	const stored = await ask(`${path}/v1`);
	t.deepEqual([holderOf(stored), digestOf(stored)], ['hub', moved.manifest.digest]);
	t.regex(stored.headers.get('warning') ?? '', /hub/);
	t.is(later.requests.length, 2);
});

test('a member with priority is asked again before others are asked at all', async t => {
	const [upstream, other] = [await startUpstream(t), await startUpstream(t)];
	const {ask} = await openProxyWorld(t, {
		other: remote(other, {retrievalCachePeriodSecs: 3600}),
		hub: remote(upstream, {priorityResolution: true}),
		docker: virtual(['docker-local', 'other', 'hub']),
	});
	other.putImage(image, imageFixture(), ['v1']);
	upstream.putImage(image, imageFixture(), ['v1']);
	await ask(`other/${image}/manifests/v1`);
	await ask(`hub/${image}/manifests/v1`);
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	t.is(digestOf(await ask(`${path}/v1`)), content.manifest.digest);
	t.is(other.requests.length, 1);
});

test('a repository with the key of a name space of the upstream is not taken for that by clients of a mirror', async t => {
	const upstream = await startUpstream(t);
	const {ask, push} = await openProxyWorld(t, {hub: remote(upstream, {mirrorOf: 'docker.io'}), docker});
	const content = imageFixture();
	await push('docker-local', 'dockerfile', content, '1');
	const named = 'docker/dockerfile/manifests/1';
	t.is((await ask(`${named}?ns=docker.io`)).status, 404);
	upstream.putImage('docker/dockerfile', imageFixture(), ['1']);
	const pulled = await ask(`${named}?ns=docker.io`);
	t.deepEqual([holderOf(pulled), pulled.headers.get('oci-namespace')], ['hub', 'docker.io']);
	t.not(digestOf(pulled), content.manifest.digest);
	t.is((await ask(`${named}?ns=ghcr.io`)).status, 404);
	t.is(digestOf(await ask(named)), content.manifest.digest);
});
