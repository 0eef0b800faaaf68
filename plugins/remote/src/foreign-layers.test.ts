import type {ServerResponse} from 'node:http';
import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {type Content, blobFixture, contentOf, imageFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {type Options, openRemoteWorld, readContent} from './fixtures/remote-world.ts';

const foreignType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';

/** An image with one layer that is to be had from another server only, which the manifest names after others. */
async function openForeignWorld(t: ExecutionContext, options: Options, before: readonly string[] = []) {
	const vendor = await ScriptedRegistry.start();
	t.teardown(() => vendor.stop());
	const layer = blobFixture(50_000);
	vendor.putBlob('windows', layer);
	const urls = [...before, `${vendor.url}/v2/windows/blobs/${layer.digest}`];
	const foreign = {...layer.descriptor, mediaType: foreignType, urls};
	const {config} = imageFixture();
	const document = {
		schemaVersion: 2,
		mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
		config: config.descriptor,
		layers: [foreign],
	};
	const manifest: Content = contentOf(Buffer.from(JSON.stringify(document)), document.mediaType);
	const user = {username: 'robot', password: 'secret'};
	const world = await openRemoteWorld(t, {...user, ...options});
	world.upstream.putImage(world.image, {manifest, blobs: [config]}, ['v1']);
	await world.pull('v1');
	const open = async () => readContent(await world.repository.openBlob(world.image, layer.digest, world.as));
	return {...world, vendor, layer, open};
}

test('a foreign layer is left to clients unless it is switched on', async t => {
	const {vendor, open} = await openForeignWorld(t, {});
	t.is(await open(), undefined);
	t.is(vendor.requests.length, 0);
});

test('a foreign layer is fetched from where its manifest says, without credentials, and stored', async t => {
	const {vendor, open, layer} = await openForeignWorld(t, {externalDependenciesEnabled: true});
	t.deepEqual(await open(), layer.bytes);
	t.is(vendor.requests.length, 1);
	t.is(vendor.requests[0]?.headers.authorization, undefined);
});

test('a foreign layer is fetched only from addresses that match', async t => {
	const refused = await openForeignWorld(t, {
		externalDependenciesEnabled: true,
		externalDependenciesPatterns: ['https://**', '**/other/**'],
	});
	t.is(await refused.open(), undefined);
	t.is(refused.vendor.requests.length, 0);
	const {open, layer} = await openForeignWorld(t, {
		externalDependenciesEnabled: true,
		externalDependenciesPatterns: ['https://**', 'http://127.0.0.1:*/v2/windows/**'],
	});
	t.deepEqual(await open(), layer.bytes);
});

test('a foreign layer is not fetched from where nobody may go', async t => {
	const {open, vendor} = await openForeignWorld(t, {
		externalDependenciesEnabled: true,
		allowedAddresses: ['127.0.0.1'],
	});
	vendor.script(/./, (_request, response) => response.writeHead(302, {location: 'http://169.254.169.254/'}).end());
	await t.throwsAsync(open(), {message: /is not public/});
});

const enabled = {externalDependenciesEnabled: true};

/** An address where nobody answers. */
async function deadAddress(): Promise<string> {
	const gone = await ScriptedRegistry.start();
	await gone.stop();
	return `${gone.url}/layer`;
}

for (const [what, answer] of [
	['denies it', (response: ServerResponse) => response.writeHead(403).end('no')],
	['does not have it', (response: ServerResponse) => response.writeHead(404).end()],
	['fails', (response: ServerResponse) => response.writeHead(500).end()],
	['has something else there', (response: ServerResponse) => response.end('<html>')],
	['breaks off', (response: ServerResponse) => response.destroy()],
] as const) {
	test(`the next address of a foreign layer is asked when one ${what}`, async t => {
		const other = await ScriptedRegistry.start();
		t.teardown(() => other.stop());
		other.script(/./, (_request, response) => void answer(response));
		const {open, layer} = await openForeignWorld(t, enabled, [`${other.url}/layer`]);
		t.deepEqual(await open(), layer.bytes);
		t.true(other.requests.length > 0);
	});
}

test('a host of foreign layers that is gone is passed over, and is not taken for the upstream', async t => {
	const world = await openForeignWorld(t, enabled, [await deadAddress()]);
	const {open, layer, image} = world;
	t.deepEqual(await open(), layer.bytes);
	const alone = await openForeignWorld(t, enabled, [await deadAddress()]);
	await alone.vendor.stop();
	t.like(await t.throwsAsync(alone.open()), {status: 502, code: 'UNAVAILABLE'});
	const content = imageFixture();
	alone.upstream.putImage(image, content, ['v2']);
	t.deepEqual(await alone.pull('v2'), content.manifest.bytes);
});

test('other bytes than those of the digest are not taken from anywhere', async t => {
	const {open, vendor, layer, repository, image, as} = await openForeignWorld(t, {externalDependenciesEnabled: true});
	vendor.script(/./, (_request, response) => response.end(Buffer.alloc(layer.bytes.length)));
	await t.throwsAsync(open());
	t.is(await repository.cache?.findBlob(image, layer.digest, as), undefined);
});
