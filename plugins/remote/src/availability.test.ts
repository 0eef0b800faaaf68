import type {RequestListener} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseTagName} from '@stowage/core';
import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {imageFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {type Options, openRemoteWorld, readContent} from './fixtures/remote-world.ts';
import {openTokenWorld} from './fixtures/token-world.ts';

/** A remote repository that asks each time, and has one of two tags and images stored. */
async function openStoredWorld(t: ExecutionContext, options: Options = {}) {
	const world = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0, socketTimeoutMillis: 1_000, ...options});
	const [stored, other] = [imageFixture({layers: 1}), imageFixture({layers: 1})];
	world.upstream.putImage(world.image, stored, ['v1']);
	world.upstream.putImage(world.image, other, ['v2']);
	await world.pull('v1');
	return {...world, stored, other};
}

const silence: RequestListener = () => undefined;
const breakOff: RequestListener = request => request.socket.destroy();

/** Answers a request with a status and these headers. */
function answers(status: number, headers: Record<string, string> = {}): RequestListener {
	return (_request, response) => response.writeHead(status, headers).end();
}

test('lists that do not come say nothing of the rest, and are not remembered', async t => {
	const {upstream, repository, image, as, pull, stored, other} = await openStoredWorld(t);
	upstream.script(/_catalog|tags\/list|referrers/, silence);
	const lists = () => [
		repository.listImages({limit: 1}, as),
		repository.listTags(image, {limit: 1}, as),
		repository.listReferrers(image, stored.manifest.digest, {limit: 1}, as),
	];
	for (const list of [...lists(), ...lists()]) {
		t.like(await t.throwsAsync(list), {status: 504});
	}
	t.deepEqual(await pull('v2'), other.manifest.bytes);
	t.deepEqual(await readContent(await repository.openBlob(image, other.layers[0]!.digest, as)), other.layers[0]!.bytes);
});

for (const [what, listener, status] of [
	['is gone', undefined, 502],
	['says nothing', silence, 504],
	['breaks off', breakOff, 502],
	['does not work at the moment', answers(503, {'retry-after': '300'}), 503],
] as const) {
	test(`a blob whose host, to which the upstream redirects, ${what} is the trouble of that blob`, async t => {
		const {upstream, repository, image, as, pull, stored, other} = await openStoredWorld(t);
		const host = await ScriptedRegistry.start();
		t.teardown(() => host.stop());
		if (listener === undefined) {
			await host.stop();
		} else {
			host.script(/./, listener);
		}
		upstream.script(/\/blobs\//, (request, response) =>
			response.writeHead(307, {location: host.url + request.url}).end(),
		);
		const {digest} = stored.layers[0]!;
		t.like(await t.throwsAsync(repository.openBlob(image, digest, as)), {status});
		t.deepEqual(await pull('v2'), other.manifest.bytes);
	});
}

for (const [what, listener, status] of [
	['says nothing', silence, 504],
	['breaks off', breakOff, 502],
] as const) {
	test(`an upstream that itself ${what} when asked for a blob is not tried again for a while`, async t => {
		const {upstream, repository, image, as, pull, stored} = await openStoredWorld(t);
		upstream.script(/\/blobs\//, listener);
		t.like(await t.throwsAsync(repository.openBlob(image, stored.layers[0]!.digest, as)), {status});
		t.like(await t.throwsAsync(pull('v2')), {status: 503, headers: {'Retry-After': '300'}});
	});
}

for (const status of [502, 503, 504]) {
	test(`an upstream that answers with ${status} is not tried again for a while, as one that is gone`, async t => {
		const {upstream, repository, image, as, pull, stored} = await openStoredWorld(t);
		upstream.script(/./, answers(status));
		t.deepEqual(await pull('v1'), stored.manifest.bytes);
		const tried = upstream.requests.length;
		const found = await repository.findManifest(image, {tag: parseTagName('v1')}, as);
		t.deepEqual(found?.manifest.bytes, stored.manifest.bytes);
		t.regex(found?.warning ?? '', /^"remote" serves what it has stored/);
		t.like(await t.throwsAsync(pull('v2')), {status: 503, headers: {'Retry-After': '300'}});
		t.like(await t.throwsAsync(repository.listTags(image, {limit: 1}, as)), {status: 503});
		t.is(upstream.requests.length, tried);
	});
}

test('an upstream that answers so for one image only, as a proxy may, is asked for others', async t => {
	const {upstream, pull, other} = await openStoredWorld(t);
	upstream.script(/manifests\/v3/, answers(502));
	t.like(await t.throwsAsync(pull('v3')), {status: 502});
	t.deepEqual(await pull('v2'), other.manifest.bytes);
	t.is(upstream.count(/^GET \/v2\/$/), 1);
});

test('an upstream that says when to come again is tried then, but not later than any other', async t => {
	const {upstream, pull} = await openStoredWorld(t, {assumedOfflinePeriodSecs: 100});
	upstream.script(/./, answers(503, {'retry-after': '500'}), 2);
	await t.throwsAsync(pull('v2'));
	t.like(await t.throwsAsync(pull('v2')), {status: 503, headers: {'Retry-After': '100'}});
	const sooner = await openStoredWorld(t);
	sooner.upstream.script(/./, answers(503, {'retry-after': '1'}), 2);
	await t.throwsAsync(sooner.pull('v2'));
	t.like(await t.throwsAsync(sooner.pull('v2')), {status: 503, headers: {'Retry-After': '1'}});
	await sleep(1_100);
	t.deepEqual(await sooner.pull('v2'), sooner.other.manifest.bytes);
});

for (const status of [401, 403, 429, 500, 501]) {
	test(`an upstream that answers with ${status} is tried again at once`, async t => {
		const {upstream, pull, other} = await openStoredWorld(t);
		upstream.script(/./, answers(status), 1);
		await t.throwsAsync(pull('v2'));
		t.deepEqual(await pull('v2'), other.manifest.bytes);
	});
}

test('an upstream whose token service does not answer is not tried again for a while', async t => {
	const {upstream, realm, pull} = await openTokenWorld(t, ['one']);
	await realm.stop();
	t.like(await t.throwsAsync(pull('v1')), {status: 502});
	const tried = upstream.requests.length;
	t.like(await t.throwsAsync(pull('v1')), {status: 503, headers: {'Retry-After': '300'}});
	t.is(upstream.requests.length, tried);
});
