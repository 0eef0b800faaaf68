import {mkdtemp, rm} from 'node:fs/promises';
import {type IncomingHttpHeaders, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {buffer} from 'node:stream/consumers';
import {type Stowage, standardHosts, startStandardConfiguration} from '@stowage/test-servers';
import {RegistryClient, V1Client, v1Images} from '@stowage/test-spec';
import {type ImageFixture, imageFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
}

interface Asked {
	readonly method?: string;
	/** Instead of that of the address. */
	readonly host?: string;
	readonly body?: Buffer;
	readonly type?: string;
	/** Anonymous unless told. */
	readonly password?: string;
}

async function ask(url: string, {method = 'GET', host, body, type, password}: Asked = {}): Promise<Answer> {
	const headers = {
		...(host !== undefined && {host}),
		...(type !== undefined && {'content-type': type}),
		...(password !== undefined && {authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`}),
	};
	return new Promise((resolve, reject) => {
		const asking = request(url, {method, headers}, answer => {
			buffer(answer).then(
				read => resolve({status: answer.statusCode ?? 0, headers: answer.headers, body: read}),
				reject,
			);
		});
		asking.on('error', reject);
		asking.end(body);
	});
}

/** Pushes a new image below `base`, at `host`. */
async function push({password}: Stowage, base: string, tag: string, host?: string): Promise<ImageFixture> {
	const image = imageFixture();
	for (const {bytes, digest} of image.blobs) {
		const type = 'application/octet-stream';
		await ask(`${base}/blobs/uploads/?digest=${digest}`, {method: 'POST', host, body: bytes, type, password});
	}
	const {bytes, mediaType} = image.manifest;
	const put = await ask(`${base}/manifests/${tag}`, {method: 'PUT', host, body: bytes, type: mediaType, password});
	if (put.status !== 201) {
		throw new Error(`could not be pushed: ${put.status} ${put.body.toString()}`);
	}
	return image;
}

async function openWorld(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-standard-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const world = await startStandardConfiguration(folder);
	t.teardown(() => world.stop());
	return world;
}

const {dev, prod} = standardHosts;

function countMade(log: string): number {
	return log.split('repository made').length - 1;
}

test.serial('both hosts pull through from Docker Hub, and keep what was pulled', async t => {
	const {upstream, registry} = await openWorld(t);
	const image = await push(upstream, `${upstream.hub}/v2/library/busybox`, 'latest');
	const pulled = await ask(`${registry.url}/v2/busybox/manifests/latest`, {host: dev});
	t.is(pulled.status, 200);
	t.deepEqual(pulled.body, image.manifest.bytes);
	t.regex(String(pulled.headers['x-artifactory-docker-registry']), /^dockerhub/);
	for (const {bytes, digest} of image.blobs) {
		t.deepEqual((await ask(`${registry.url}/v2/busybox/blobs/${digest}`, {host: dev})).body, bytes);
	}
	await upstream.process.stop();
	for (const host of [dev, prod]) {
		for (const name of ['busybox', 'library/busybox']) {
			const again = await ask(`${registry.url}/v2/${name}/manifests/latest`, {host});
			t.deepEqual(again.body, image.manifest.bytes, `${host} ${name}`);
		}
		const {bytes, digest} = image.config;
		t.deepEqual((await ask(`${registry.url}/v2/busybox/blobs/${digest}`, {host})).body, bytes);
	}
});

test.serial(
	'what is pushed to one host goes to its own repository; developers see production, and not the other way',
	async t => {
		const {registry} = await openWorld(t);
		await push(registry, `${registry.url}/v2/team/app`, 'dev', dev);
		await push(registry, `${registry.url}/v2/team/app`, 'prod', prod);
		const holder = async (host: string, tag: string) => {
			const answer = await ask(`${registry.url}/v2/team/app/manifests/${tag}`, {host});
			return answer.status === 200 ? answer.headers['x-artifactory-docker-registry'] : answer.status;
		};
		t.is(await holder(dev, 'dev'), 'docker-dev-local2');
		t.is(await holder(dev, 'prod'), 'docker-prod-local2');
		t.is(await holder(prod, 'prod'), 'docker-prod-local2');
		t.is(await holder(prod, 'dev'), 404);
		const tags = async (host: string) => {
			const {body} = await ask(`${registry.url}/v2/team/app/tags/list`, {host});
			return (JSON.parse(body.toString()) as {tags: string[]}).tags;
		};
		t.deepEqual(await tags(dev), ['dev', 'prod']);
		t.deepEqual(await tags(prod), ['prod']);
	},
);

test.serial(
	'a mirror is asked by its full names and without credentials, and with the name space of containerd',
	async t => {
		const {upstream, registry} = await openWorld(t);
		const image = await push(upstream, `${upstream.hub}/v2/library/alpine`, '3');
		const named = `${registry.url}/v2/library/alpine/manifests`;
		t.deepEqual((await ask(`${named}/3`, {host: dev})).body, image.manifest.bytes);
		const answer = await ask(`${named}/${image.manifest.digest}?ns=docker.io`, {host: dev});
		t.deepEqual(answer.body, image.manifest.bytes);
		t.is(answer.headers['oci-namespace'], 'docker.io');
		t.is((await ask(`${named}/3?ns=ghcr.io`, {host: dev})).status, 404);
	},
);

test.serial('nobody pushes without signing in', async t => {
	const {registry} = await openWorld(t);
	const answer = await ask(`${registry.url}/v2/team/app/blobs/uploads/`, {method: 'POST', host: dev});
	t.is(answer.status, 401);
});

/** A client of the first protocol at a host; anonymous without a password. */
function v1Client(t: ExecutionContext, {url, password}: {url: string; password?: string}, host: string): V1Client {
	const authorization = password && `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	const client = new RegistryClient(url, {host, ...(authorization && {authorization})});
	t.teardown(() => client.close());
	return new V1Client(client, '/v1');
}

test.serial(
	'calls of the first protocol have repositories of their own at both hosts, and stay out of the second',
	async t => {
		const {registry} = await openWorld(t);
		const images = v1Images(2);
		await v1Client(t, registry, dev).push('team/app', images, 'old');
		await push(registry, `${registry.url}/v2/team/app`, 'new', dev);
		const ids = images.map(({id}) => id);
		const reader = v1Client(t, {url: registry.url}, dev);
		t.deepEqual(
			(await reader.pull('team/app', 'old')).map(({id}) => id),
			ids,
		);
		t.is((await v1Client(t, registry, prod).request('GET', '/repositories/team/app/images')).status, 404);
		const {body} = await ask(`${registry.url}/v2/team/app/tags/list`, {host: dev});
		t.deepEqual((JSON.parse(body.toString()) as {tags: string[]}).tags, ['new']);
		const {url, password} = registry;
		const refused = await ask(`${url}/v2/docker-dev-local/app/blobs/uploads/`, {method: 'POST', password});
		t.is(refused.status, 405);
		t.regex(refused.body.toString(), /docker-dev-local.*speaks Docker's first API alone/);
	},
);

test.serial('once the virtual repository is deleted, its host has the first protocol alone, at once', async t => {
	const {registry} = await openWorld(t);
	const {url, password} = registry;
	t.is((await ask(`${url}/v2/`, {host: dev})).status, 401);
	const deleted = await ask(`${url}/api/repositories/docker-dev`, {method: 'DELETE', password});
	t.is(deleted.status, 200);
	for (const credentials of [undefined, password]) {
		t.is((await ask(`${url}/v2/`, {host: dev, password: credentials})).status, 404);
	}
	t.is((await ask(`${url}/v2/`, {host: prod})).status, 401);
	const images = v1Images(1);
	await v1Client(t, registry, dev).push('team/app', images);
	t.is((await v1Client(t, registry, dev).pull('team/app')).length, 1);
});

test.serial('a second start changes nothing', async t => {
	const world = await openWorld(t);
	const {url, process} = world.registry;
	await push(world.registry, `${url}/v2/team/app`, '1', dev);
	t.is(countMade(await process.output()), 7);
	const again = await world.restart();
	const answer = await ask(`${again.url}/v2/team/app/manifests/1`, {host: dev});
	t.is(answer.headers['x-artifactory-docker-registry'], 'docker-dev-local2');
	t.is(countMade(await again.process.output()), 7);
});
