import {mkdtemp, rm} from 'node:fs/promises';
import {type Server, createServer} from 'node:http';
import {type AddressInfo, type Socket, connect} from 'node:net';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Repository, parseImageName, parseTagName} from '@stowage/core';
import {startStowage} from '@stowage/test-servers';
import {
	type DockerUpstreamOptions,
	pushImage,
	pushManifest,
	startDockerUpstream,
	startTokenService,
	upstreamUser,
} from '@stowage/test-servers/upstreams';
import {type ImageFixture, artifactFixture, imageFixture, indexFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {type Options, eventually, openRemoteHost, readContent} from './fixtures/remote-world.ts';

const image = parseImageName('library/alpine');
const v1 = {tag: parseTagName('v1')};

async function makeFolder(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-remote-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	return folder;
}

/** A docker-registry that has been pushed to and wants something, or nothing. */
async function startUpstream(t: ExecutionContext, content: ImageFixture, wants?: DockerUpstreamOptions['wants']) {
	const folder = await makeFolder(t);
	const open = await startDockerUpstream({folder});
	await pushImage(open, image, content, ['v1']);
	if (wants === undefined) {
		t.teardown(() => open.process.stop());
		return {...open, folder};
	}
	await open.process.stop();
	const closed = await startDockerUpstream({folder, wants});
	t.teardown(() => closed.process.stop());
	return {...closed, folder};
}

/** Asserts that a remote repository with these options gives the image, from the upstream and then from its cache. */
async function pulls(t: ExecutionContext, content: ImageFixture, options: Options): Promise<Repository> {
	const host = await openRemoteHost(t, options);
	const {repository, caller} = host;
	const as = {caller};
	const found = await repository.findManifest(image, v1, as);
	t.deepEqual(found?.manifest.bytes, content.manifest.bytes);
	for (const {digest, bytes} of content.blobs) {
		t.deepEqual(await readContent(await repository.openBlob(image, digest, as)), bytes);
		await eventually(async () => repository.cache?.findBlob(image, digest, as));
		t.deepEqual(await readContent(await repository.cache?.openBlob(image, digest, as)), bytes);
	}
	t.deepEqual((await repository.listTags(image, {limit: 10}, as))?.items, ['v1']);
	t.is(await repository.findManifest(image, {tag: parseTagName('none')}, as), undefined);
	t.deepEqual((await repository.listReferrers(image, content.manifest.digest, {limit: 10}, as)).items, []);
	return repository;
}

test('an image is pulled through from a docker-registry', async t => {
	const content = imageFixture({layerSize: 300_000});
	const {url} = await startUpstream(t, content);
	const repository = await pulls(t, content, {url});
	const caller = {name: 'any', anonymous: false, admin: true, may: () => true};
	t.deepEqual((await repository.listImages({limit: 10}, {caller})).items, [image]);
});

test('an image is pulled through from a docker-registry that wants a password', async t => {
	const content = imageFixture();
	const {url} = await startUpstream(t, content, 'password');
	await pulls(t, content, {url, ...upstreamUser});
	const wrong: readonly Options[] = [{url}, {url, username: 'robot', password: 'wrong'}];
	for (const options of wrong) {
		const {repository, caller} = await openRemoteHost(t, options);
		const error = await t.throwsAsync(repository.findManifest(image, v1, {caller}));
		t.like(error, {status: 401, code: 'UNAUTHORIZED'});
	}
});

test('an image is pulled through from a docker-registry that wants a token', async t => {
	const content = imageFixture();
	const tokens = await startTokenService(upstreamUser);
	t.teardown(() => tokens.stop());
	const {url} = await startUpstream(t, content, tokens);
	const trustedRealms = [new URL(tokens.realm).origin];
	await pulls(t, content, {url, ...upstreamUser, trustedRealms});
	t.is(tokens.requests.length, 1);
	t.deepEqual(tokens.requests[0]?.scopes, [`repository:${image}:pull`]);
	const {repository, caller} = await openRemoteHost(t, {url, trustedRealms});
	const error = await t.throwsAsync(repository.findManifest(image, v1, {caller}));
	t.like(error, {status: 401, code: 'UNAUTHORIZED'});
});

test('an image is pulled through from another Stowage, by each of its addresses, with its referrers', async t => {
	const content = imageFixture();
	const upstream = await startStowage({folder: await makeFolder(t), configuration: {log: {level: 'error'}}});
	t.teardown(() => upstream.process.stop());
	const user = {username: 'admin', password: upstream.password};
	const authorization = `Basic ${Buffer.from(`admin:${upstream.password}`).toString('base64')}`;
	const target = {url: `${upstream.url}/api/docker/docker-local`, authorization};
	await pushImage(target, image, content, ['v1']);
	for (const url of [target.url, `${upstream.url}/v2/docker-local`]) {
		await pulls(t, content, {url, ...user});
	}
	const artifact = artifactFixture(content.manifest.descriptor, 'application/spdx+json');
	await pushImage(target, image, artifact, []);
	const {repository, caller} = await openRemoteHost(t, {url: target.url, ...user});
	const {items} = await repository.listReferrers(image, content.manifest.digest, {limit: 10}, {caller});
	t.deepEqual(
		items.map(({digest, artifactType}) => [digest, artifactType]),
		[[artifact.manifest.digest, 'application/spdx+json']],
	);
});

test('referrers of a docker-registry, which has no list of them, come from the fallback tag', async t => {
	const content = imageFixture();
	const upstream = await startUpstream(t, content);
	const artifact = artifactFixture(content.manifest.descriptor, 'application/spdx+json');
	await pushImage(upstream, image, artifact, []);
	const index = indexFixture([{...artifact.manifest.descriptor, artifactType: 'application/spdx+json'}]);
	await pushManifest(upstream, image, index, [content.manifest.digest.replace(':', '-')]);
	const {repository, caller} = await openRemoteHost(t, {url: upstream.url});
	const {items} = await repository.listReferrers(image, content.manifest.digest, {limit: 10}, {caller});
	t.deepEqual(
		items.map(({digest}) => digest),
		[artifact.manifest.digest],
	);
});

test('a docker-registry that is killed in the middle of a layer and comes up again has its layer pulled through', async t => {
	const content = imageFixture({layers: 1, layerSize: 40_000_000});
	const {url, port, folder, process} = await startUpstream(t, content);
	const {repository, caller} = await openRemoteHost(t, {url});
	await repository.findManifest(image, v1, {caller});
	const {digest, bytes} = content.layers[0]!;
	const opened = await repository.openBlob(image, digest, {caller});
	await process.kill();
	const again = await startDockerUpstream({folder, port});
	t.teardown(() => again.process.stop());
	t.true((await readContent(opened))?.equals(bytes));
});

test('Docker Hub is asked for library/busybox where a client says busybox, and lists it so', async t => {
	const content = imageFixture();
	const name = parseImageName('library/busybox');
	const folder = await makeFolder(t);
	const upstream = await startDockerUpstream({folder});
	t.teardown(() => upstream.process.stop());
	await pushImage(upstream, name, content, ['v1']);
	const {proxy, asked} = await startTunnel(t, upstream.port);
	const {port} = proxy.address() as AddressInfo;
	const options = {url: 'http://registry-1.docker.io', proxy: `http://127.0.0.1:${port}`, listsFromCache: true};
	const {repository, caller} = await openRemoteHost(t, options);
	for (const image of [parseImageName('busybox'), name]) {
		const found = await repository.findManifest(image, v1, {caller});
		t.deepEqual(found?.manifest.bytes, content.manifest.bytes);
		const {digest, bytes} = content.layers[0]!;
		t.deepEqual(await readContent(await repository.openBlob(image, digest, {caller})), bytes);
		t.deepEqual((await repository.listTags(image, {limit: 10}, {caller}))?.items, ['v1']);
	}
	t.deepEqual((await repository.listImages({limit: 10}, {caller})).items, [name]);
	t.true(asked.every(target => target === 'registry-1.docker.io:80'));
});

/** A proxy that takes everything to one port of this machine. */
async function startTunnel(t: ExecutionContext, port: number): Promise<{proxy: Server; asked: string[]}> {
	const asked: string[] = [];
	const proxy = createServer().listen(0, '127.0.0.1');
	proxy.on('connect', (request, socket: Socket) => {
		asked.push(request.url ?? '');
		const target = connect(port, '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			target.pipe(socket).pipe(target);
		});
		target.on('error', () => socket.destroy());
		socket.on('error', () => target.destroy());
	});
	await once(proxy, 'listening');
	t.teardown(() => {
		proxy.close();
	});
	return {proxy, asked};
}
