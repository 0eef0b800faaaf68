import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http';
import {parseImageName, parseTagName} from '@stowage/core';
import {blobFixture, contentOf, imageFixture} from '@stowage/testing';
import test from 'ava';
import {eventually, openRemoteWorld, readContent} from './fixtures/remote-world.ts';

const v1 = {tag: parseTagName('v1')};
const [one, two] = [parseImageName('team/one'), parseImageName('team/two')];
const layer = blobFixture(50_000);

/** Two images of the same layer, whose manifests are stored. */
async function openSharedLayer(t: Parameters<typeof openRemoteWorld>[0], options = {}) {
	const world = await openRemoteWorld(t, options);
	const {upstream, repository, as} = world;
	const image = imageFixture({layers: 0});
	const document = {...(JSON.parse(image.manifest.bytes.toString()) as object), layers: [layer.descriptor]};
	const manifest = contentOf(Buffer.from(JSON.stringify(document)), image.manifest.mediaType);
	for (const name of [one, two]) {
		upstream.putImage(name, {manifest, blobs: [...image.blobs, layer]}, ['v1']);
		await repository.findManifest(name, v1, as);
	}
	return world;
}

const heads: Readonly<Record<string, RequestListener>> = {
	'refuses HEAD with 405': (_request, response) => response.writeHead(405).end(),
	'refuses HEAD with 501': (_request, response) => response.writeHead(501).end(),
	'redirects HEAD to where it is denied': (_request, response) => response.writeHead(403).end(),
	'answers HEAD with a wrong length': (_request, response) => response.writeHead(200, {'content-length': 0}).end(),
	'answers HEAD without a length': (_request, response) => {
		response.writeHead(200, {'transfer-encoding': 'chunked'}).end();
	},
};

for (const [what, listener] of Object.entries(heads)) {
	test(`a layer that another image has brought is had from an upstream that ${what}`, async t => {
		const {upstream, repository, as} = await openSharedLayer(t);
		upstream.script(/^HEAD .*\/blobs\//, listener);
		t.deepEqual(await readContent(await repository.openBlob(one, layer.digest, as)), layer.bytes);
		await eventually(async () => repository.cache?.findBlob(one, layer.digest, as));
		t.deepEqual(await readContent(await repository.openBlob(two, layer.digest, as)), layer.bytes);
		t.is((await repository.findBlob(two, layer.digest, as))?.descriptor.size, 50_000);
	});
}

for (const status of [405, 501, 400]) {
	test(`a tag that moves is followed where HEAD is refused with ${status}`, async t => {
		const {upstream, image, pull} = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0});
		const [first, second] = [imageFixture(), imageFixture()];
		upstream.putImage(image, first, ['v1']);
		upstream.script(/^HEAD/, (_request, response) => response.writeHead(status).end());
		t.deepEqual(await pull('v1'), first.manifest.bytes);
		upstream.putImage(image, second, ['v1']);
		t.deepEqual(await pull('v1'), second.manifest.bytes);
	});
}

test('a blob that the upstream has lost is not there, and who ask at a time cause one question', async t => {
	const {upstream, repository, as} = await openSharedLayer(t);
	const path = `/v2/${one}/blobs/${layer.digest}`;
	upstream.remove(path);
	const found = await Promise.all([1, 2, 3].map(() => repository.findBlob(one, layer.digest, as)));
	t.deepEqual(found, [undefined, undefined, undefined]);
	t.is(upstream.count(new RegExp(path)), 1);
	t.is(await repository.openBlob(one, layer.digest, as), undefined);
	t.is((await repository.findBlob(two, layer.digest, as))?.descriptor.size, 50_000);
});

test('what an upstream wrongly says to HEAD keeps nobody from a layer', async t => {
	const {upstream, repository, as} = await openSharedLayer(t);
	upstream.script(/^HEAD .*blobs/, (_request, response) => response.writeHead(404).end());
	t.is(await repository.findBlob(one, layer.digest, as), undefined);
	t.deepEqual(await readContent(await repository.openBlob(one, layer.digest, as)), layer.bytes);
});

test('an upstream that is never asked by HEAD is asked by GET whether it has a blob', async t => {
	const {upstream, repository, as} = await openSharedLayer(t, {bypassHeadRequests: true});
	t.is((await repository.findBlob(one, layer.digest, as))?.descriptor.size, 50_000);
	t.deepEqual([upstream.count(/^HEAD/), upstream.count(/^GET .*blobs/)], [0, 1]);
});

test('a virtual repository upstream that does not know is not taken for one that has nothing', async t => {
	const {upstream, repository, as, pull} = await openSharedLayer(t, {retrievalCachePeriodSecs: 0});
	const newer = imageFixture();
	upstream.putManifest(one, newer.manifest, ['v1']);
	upstream.script(/^HEAD/, (_request, response) => response.writeHead(404, {warning: '299 - "hub is down"'}).end());
	t.is((await repository.findBlob(one, layer.digest, as))?.descriptor.size, 50_000);
	t.deepEqual((await repository.findManifest(one, v1, as))?.manifest.bytes, newer.manifest.bytes);
	t.is(await pull('none'), undefined);
});

test('trouble with a blob is told, and remembered by nobody', async t => {
	const {upstream, repository, as} = await openSharedLayer(t, {assumedOfflinePeriodSecs: 0});
	upstream.script(/\/blobs\//, (_request, response) => response.writeHead(500).end());
	await t.throwsAsync(repository.findBlob(one, layer.digest, as), {message: /status 500/});
	upstream.unscript();
	t.is((await repository.findBlob(one, layer.digest, as))?.descriptor.size, 50_000);
});

test('a stored tag that the upstream has no more is asked for once for a while', async t => {
	const {upstream, image, pull, repository, as} = await openRemoteWorld(t, {retrievalCachePeriodSecs: 0});
	upstream.putImage(image, imageFixture(), ['v1']);
	const before = await pull('v1');
	upstream.remove(`/v2/${image}/manifests/v1`);
	for (let turn = 0; turn < 3; turn++) {
		const found = await repository.findManifest(image, v1, as);
		t.deepEqual(found?.manifest.bytes, before);
		t.regex(found?.warning ?? '', /does not have this tag any more/);
	}
	t.is(upstream.count(/^HEAD/), 1);
});

/** Breaks off the first answer after its first half, and answers those that ask for the rest by `second`. */
function breaking(
	answerRightly: (request: IncomingMessage, response: ServerResponse) => void,
	second: RequestListener,
): RequestListener {
	let answered = false;
	return (request, response) => {
		if (request.headers.range !== undefined) {
			second(request, response);
		} else if (answered) {
			answerRightly(request, response);
		} else {
			answered = true;
			response.writeHead(200, {'content-length': layer.bytes.length});
			response.write(layer.bytes.subarray(0, 25_000), () => response.destroy());
		}
	};
}

const ranges: Readonly<Record<string, RequestListener>> = {
	'says 416 of every part': (_request, response) => response.writeHead(416).end(),
	'sends another part': (_request, response) => {
		const part = layer.bytes.subarray(100);
		response.writeHead(206, {'content-length': part.length, 'content-range': `bytes 100-49999/50000`}).end(part);
	},
	'sends a part without saying which': (_request, response) => response.writeHead(206).end(layer.bytes.subarray(1)),
};

for (const [what, listener] of Object.entries(ranges)) {
	test(`what broke off is begun again at an upstream that ${what}`, async t => {
		const {upstream, repository, as} = await openSharedLayer(t);
		const answerRightly = upstream.answerRightly.bind(upstream);
		upstream.script(/^GET .*\/blobs\//, breaking(answerRightly, listener));
		t.deepEqual(await readContent(await repository.openBlob(one, layer.digest, as)), layer.bytes);
		t.is(upstream.count(/^GET .*\/blobs\//), 3);
	});
}
