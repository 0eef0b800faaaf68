import type {ServerResponse} from 'node:http';
import {OutboundError} from '@stowage/core/outbound';
import {imageFixture} from '@stowage/testing';
import test from 'ava';
import {Availability} from './availability.ts';
import {eventually, openRemoteWorld, readContent} from './fixtures/remote-world.ts';
import {fromOutbound} from './upstream-error.ts';

test('so many blobs as there are connections come at a time, and manifests do not wait for them', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {maxConnections: 2});
	const content = imageFixture({layers: 3, layerSize: 50_000});
	upstream.putImage(image, content, ['v1']);
	await pull('v1');
	const answers: (() => void)[] = [];
	upstream.script(/^GET .*\/blobs\//, (request, response: ServerResponse) => {
		answers.push(() => upstream.answerRightly(request, response));
	});
	const blobs = content.layers.map(async ({digest}) => readContent(await repository.openBlob(image, digest, as)));
	await eventually(async () => (answers.length === 2 ? true : undefined));
	const other = imageFixture();
	upstream.putImage(image, other, ['v2']);
	t.deepEqual(await pull('v2'), other.manifest.bytes);
	t.is(upstream.count(/^GET .*\/blobs\//), 2);
	answers[0]?.();
	await eventually(async () => (answers.length === 3 ? true : undefined));
	for (const answer of answers.slice(1)) {
		answer();
	}
	t.deepEqual(
		await Promise.all(blobs),
		content.layers.map(({bytes}) => bytes),
	);
});

test('a manifest that does not come in time is given up, whatever else is under way', async t => {
	const {upstream, pull} = await openRemoteWorld(t, {metadataRetrievalTimeoutSecs: 1, maxConnections: 1});
	upstream.script(/\/manifests\//, () => undefined);
	const started = performance.now();
	const errors = await Promise.all(['v1', 'v2', 'v3'].map(tag => t.throwsAsync(pull(tag))));
	// Far less than the upstream may keep silent.
	t.true(performance.now() - started < 12_000);
	t.deepEqual(
		errors.map(error => (error as {status?: number} | undefined)?.status),
		[504, 503, 503],
	);
});

test('an upstream that was not asked in time is tried again at once; one that did not answer is not', async t => {
	const availability = new Availability({assumedOfflinePeriodSecs: 300}, async () => true);
	const asked = new URL('https://registry.example/v2/');
	const fail = (code: 'busy' | 'timeout') =>
		availability.run(async () => {
			throw fromOutbound(new OutboundError(code, code, {origin: asked.origin}), asked);
		});
	t.like(await t.throwsAsync(fail('busy')), {status: 503, code: 'UNAVAILABLE', headers: {'Retry-After': '5'}});
	t.is(await availability.run(async () => 'answer'), 'answer');
	t.like(await t.throwsAsync(fail('timeout')), {status: 504});
	t.like(await t.throwsAsync(availability.run(async () => 'answer')), {status: 503, headers: {'Retry-After': '300'}});
});
