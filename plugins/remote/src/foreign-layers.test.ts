import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {type Content, blobFixture, contentOf, imageFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {type Options, openRemoteWorld, readContent} from './fixtures/remote-world.ts';

const foreignType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';

/** An image with one layer that is to be had from another server only. */
async function openForeignWorld(t: ExecutionContext, options: Options, made: {readonly path?: string} = {}) {
	const vendor = await ScriptedRegistry.start();
	t.teardown(() => vendor.stop());
	const layer = blobFixture(50_000);
	vendor.putBlob('windows', layer);
	const urls = [`${vendor.url}${made.path ?? `/v2/windows/blobs/${layer.digest}`}`];
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
	await t.throwsAsync(open(), {message: /may not be asked/});
});

test('other bytes than those of the digest are not taken from anywhere', async t => {
	const {open, vendor, layer, repository, image, as} = await openForeignWorld(t, {externalDependenciesEnabled: true});
	vendor.script(/./, (_request, response) => response.end(Buffer.alloc(layer.bytes.length)));
	await t.throwsAsync(open());
	t.is(await repository.cache?.findBlob(image, layer.digest, as), undefined);
});
