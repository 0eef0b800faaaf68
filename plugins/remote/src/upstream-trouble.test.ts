import {gzipSync} from 'node:zlib';
import type {RequestListener} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Digest, RegistryError, parseTagName} from '@stowage/core';
import {imageFixture} from '@stowage/testing';
import test from 'ava';
import {openRemoteWorld, readContent} from './fixtures/remote-world.ts';

const v1 = {tag: parseTagName('v1')};
const status =
	(code: number, headers: Record<string, string> = {}): RequestListener =>
	(_request, response) =>
		response.writeHead(code, headers).end('{}');

const limits = {
	'retry-after': '77',
	'ratelimit-limit': '100;w=21600',
	'ratelimit-remaining': '0;w=21600',
	'x-secret': 'no',
};

const statuses: readonly (readonly [answer: number, told: number, code: string])[] = [
	[401, 401, 'UNAUTHORIZED'],
	[403, 403, 'DENIED'],
	[429, 429, 'TOOMANYREQUESTS'],
	[500, 502, 'UNAVAILABLE'],
	[501, 501, 'UNAVAILABLE'],
	[502, 502, 'UNAVAILABLE'],
	[503, 503, 'UNAVAILABLE'],
	[504, 504, 'UNAVAILABLE'],
	[400, 502, 'UNAVAILABLE'],
	[418, 502, 'UNAVAILABLE'],
];

for (const [answer, told, code] of statuses) {
	test(`status ${answer} of the upstream is told as ${told} where nothing is stored, and served over where something is`, async t => {
		const options = {retrievalCachePeriodSecs: 0, assumedOfflinePeriodSecs: 0};
		const {upstream, image, repository, as, pull} = await openRemoteWorld(t, options);
		const content = imageFixture();
		upstream.putImage(image, content, ['v1']);
		await pull('v1');
		upstream.script(/./, status(answer, {'retry-after': '77'}));
		const found = await repository.findManifest(image, v1, as);
		t.deepEqual(found?.manifest.bytes, content.manifest.bytes);
		t.regex(found?.warning ?? '', /^"remote" serves what it has stored: the upstream/);
		for (const work of [
			repository.findManifest(image, {tag: parseTagName('v2')}, as),
			repository.openBlob(image, content.config.digest, as),
		]) {
			const error = await t.throwsAsync(work, {instanceOf: RegistryError});
			t.deepEqual([error?.status, error?.code], [told, code], error?.message);
			t.is(error?.headers['retry-after'], '77');
		}
	});
}

test('who asks too much is told when to come again and how much is left, and nothing else of the answer', async t => {
	const {upstream, repository, image, as} = await openRemoteWorld(t);
	upstream.script(/./, status(429, limits));
	const error = await t.throwsAsync(repository.findManifest(image, v1, as), {instanceOf: RegistryError});
	t.deepEqual(error?.headers, {
		'retry-after': '77',
		'ratelimit-limit': '100;w=21600',
		'ratelimit-remaining': '0;w=21600',
	});
});

test('with hardFail trouble is told whatever is stored', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {
		hardFail: true,
		retrievalCachePeriodSecs: 0,
	});
	upstream.putImage(image, imageFixture(), ['v1']);
	await pull('v1');
	upstream.script(/./, status(500));
	const error = await t.throwsAsync(repository.findManifest(image, v1, as), {instanceOf: RegistryError});
	t.is(error?.status, 502);
});

test('a tag that the upstream has no more is served from the cache, with a warning', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	await pull('v1');
	upstream.remove(`/v2/${image}/manifests/v1`);
	const found = await repository.findManifest(image, v1, as);
	t.deepEqual(found?.manifest.bytes, content.manifest.bytes);
	t.regex(found?.warning ?? '', /does not have this tag any more/);
});

test('an upstream that is gone is not tried again for a while, and then it is', async t => {
	const options = {retrievalCachePeriodSecs: 0, assumedOfflinePeriodSecs: 1, missedRetrievalCachePeriodSecs: 0};
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, options);
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	await pull('v1');
	upstream.script(/./, request => request.socket.destroy());
	t.deepEqual(await pull('v1'), content.manifest.bytes);
	const tried = upstream.requests.length;
	t.deepEqual(await pull('v1'), content.manifest.bytes);
	const error = await t.throwsAsync(repository.findManifest(image, {tag: parseTagName('v2')}, as), {
		instanceOf: RegistryError,
	});
	t.deepEqual([error?.status, error?.code, error?.headers['Retry-After']], [503, 'UNAVAILABLE', '1']);
	t.is(upstream.requests.length, tried);
	upstream.unscript();
	await sleep(1_100);
	t.is((await repository.findManifest(image, v1, as))?.warning, undefined);
	t.is(upstream.requests.length, tried + 1);
});

test('an upstream that says nothing is given up in time', async t => {
	const {upstream, image, repository, as} = await openRemoteWorld(t, {socketTimeoutMillis: 200});
	upstream.script(/./, () => undefined);
	const started = performance.now();
	const error = await t.throwsAsync(repository.findManifest(image, v1, as), {instanceOf: RegistryError});
	t.is(error?.status, 504);
	t.true(performance.now() - started < 14_000);
});

test('a repository that is offline asks nobody', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {offline: true});
	const content = imageFixture();
	upstream.putImage(image, content, ['v1']);
	t.is(await pull('v1'), undefined);
	t.is(await repository.openBlob(image, content.config.digest, as), undefined);
	t.is(await repository.listTags(image, {limit: 1}, as), undefined);
	t.deepEqual((await repository.listReferrers(image, content.manifest.digest, {limit: 1}, as)).items, []);
	t.is(upstream.requests.length, 0);
});

/** What an upstream may send for a manifest. `right` is the manifest that it should send. */
const rubbishManifests: Readonly<Record<string, (right: Buffer, digest: Digest) => RequestListener>> = {
	'a page': () => (_request, response) =>
		response.writeHead(200, {'content-type': 'text/html'}).end('<html>Please sign in</html>'),
	'a page that calls itself a manifest': () => (_request, response) =>
		response.writeHead(200, {'content-type': 'application/vnd.oci.image.manifest.v1+json'}).end('<html>'),
	'JSON that calls itself a page': right => (_request, response) =>
		response.writeHead(200, {'content-type': 'text/html'}).end(right),
	nothing: () => (_request, response) => response.writeHead(200, {'content-type': 'application/json'}).end(),
	'JSON that is no manifest': () => (_request, response) =>
		response.writeHead(200, {'content-type': 'application/json'}).end('{"errors":[]}'),
	'a manifest of another type than it says': right => (_request, response) =>
		response.writeHead(200, {'content-type': 'application/vnd.oci.image.index.v1+json'}).end(right),
	'a manifest with the digest of another in its header': right => (_request, response) =>
		response
			.writeHead(200, {
				'content-type': 'application/vnd.oci.image.manifest.v1+json',
				'docker-content-digest': `sha256:${'0'.repeat(64)}`,
			})
			.end(right),
	'a compressed body': (right, digest) => (_request, response) =>
		response
			.writeHead(200, {
				'content-type': 'application/vnd.oci.image.manifest.v1+json',
				'content-encoding': 'gzip',
				'docker-content-digest': digest,
			})
			.end(gzipSync(right)),
	'a body without end': () => (_request, response) => {
		response.writeHead(200, {'content-type': 'application/json'});
		const timer = setInterval(() => response.write(Buffer.alloc(1_000_000, ' ')), 1);
		response.once('close', () => clearInterval(timer));
	},
	'redirects without end': () => (request, response) =>
		response.writeHead(302, {location: `${request.url}?again`}).end(),
	'a redirect to where nobody may go': () => (_request, response) =>
		response.writeHead(302, {location: 'http://169.254.169.254/latest/meta-data/'}).end(),
	'headers without measure': () => (_request, response) =>
		response.writeHead(200, {'x-much': 'x'.repeat(50_000)}).end(),
};

for (const [what, script] of Object.entries(rubbishManifests)) {
	test(`${what} instead of a manifest is neither stored nor served`, async t => {
		const {upstream, image, repository, as} = await openRemoteWorld(t);
		const {manifest} = imageFixture();
		upstream.script(/manifests/, script(manifest.bytes, manifest.digest));
		const error = await t.throwsAsync(repository.findManifest(image, v1, as), {instanceOf: RegistryError});
		t.is(error?.status, 502, error?.message);
		t.is(await repository.cache?.findManifest(image, v1, as), undefined);
		t.is(await repository.cache?.findManifest(image, {digest: manifest.digest}, as), undefined);
	});
}

test('a manifest that is asked for by its digest must have it', async t => {
	const {upstream, image, repository, as} = await openRemoteWorld(t);
	const [asked, other] = [imageFixture().manifest, imageFixture().manifest];
	upstream.putManifest(image, {...other, digest: asked.digest});
	const error = await t.throwsAsync(repository.findManifest(image, {digest: asked.digest}, as), {
		instanceOf: RegistryError,
	});
	t.is(error?.status, 502);
	t.is(await repository.cache?.findManifest(image, {digest: other.digest}, as), undefined);
});

/** What an upstream may send for a layer of 100,000 bytes. */
const rubbishBlobs: Readonly<Record<string, (right: Buffer) => RequestListener>> = {
	'other bytes': right => (_request, response) => response.end(Buffer.from(right).fill(0)),
	'a page': () => (_request, response) => response.writeHead(200, {'content-type': 'text/html'}).end('<html>'),
	'a compressed body': right => (_request, response) =>
		response.writeHead(200, {'content-encoding': 'gzip'}).end(gzipSync(right)),
	'too little': right => (_request, response) => response.writeHead(200).end(right.subarray(0, 50_000)),
	'too much': right => (_request, response) =>
		response.writeHead(200, {'transfer-encoding': 'chunked'}).end(Buffer.concat([right, right])),
	'a body without end': right => (_request, response) => {
		response.writeHead(200, {'transfer-encoding': 'chunked'});
		const timer = setInterval(() => response.write(Buffer.alloc(right.length)), 1);
		response.once('close', () => clearInterval(timer));
	},
	'a part that was not asked for': right => (_request, response) =>
		response.writeHead(206, {'content-range': 'bytes 0-9/100000'}).end(right.subarray(0, 10)),
	'a redirect to where nobody may go': () => (_request, response) =>
		response.writeHead(307, {location: 'http://127.0.0.2:1/'}).end(),
};

for (const [what, script] of Object.entries(rubbishBlobs)) {
	test(`${what} instead of a layer is never stored, and nobody takes it for the layer`, async t => {
		const {upstream, image, repository, as, pull, host} = await openRemoteWorld(t);
		const content = imageFixture({layerSize: 100_000, layers: 1});
		upstream.putImage(image, content, ['v1']);
		await pull('v1');
		const {bytes, digest} = content.layers[0]!;
		upstream.script(/blobs/, script(bytes));
		const error = await t.throwsAsync((async () => readContent(await repository.openBlob(image, digest, as)))(), {
			instanceOf: Error,
		});
		t.truthy(error?.message);
		t.is(await repository.cache?.findBlob(image, digest, as), undefined);
		t.is(await host.metadata.blobs.find('default', digest), undefined);
		upstream.unscript();
		t.deepEqual(await readContent(await repository.openBlob(image, digest, as)), bytes);
	});
}

test('a connection that breaks in the middle of a layer is taken up where it was', async t => {
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t);
	const content = imageFixture({layerSize: 600_000, layers: 1});
	upstream.putImage(image, content, ['v1']);
	await pull('v1');
	const {bytes, digest} = content.layers[0]!;
	upstream.script(
		/blobs/,
		(_request, response) => {
			response.writeHead(200, {'content-length': bytes.length});
			response.write(bytes.subarray(0, 300_000), () => setTimeout(() => response.socket?.destroy(), 20));
		},
		1,
	);
	t.deepEqual(await readContent(await repository.openBlob(image, digest, as)), bytes);
	const ranges = upstream.requests.flatMap(({headers}) => headers.range ?? []);
	t.is(ranges.length, 1);
	t.regex(ranges[0] ?? '', /^bytes=[1-9]\d*-$/);
});
