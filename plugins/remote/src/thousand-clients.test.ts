import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {type IncomingMessage, get} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {digestOf} from '@stowage/core';
import {type Stowage, startStowage} from '@stowage/test-servers';
import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {type ImageFixture, imageFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';

const clients = 1000;
const image = 'library/alpine';

interface World {
	readonly upstream: ScriptedRegistry;
	readonly stowage: Stowage;
	readonly authorization: string;
	readonly content: ImageFixture;
}

async function openWorld(t: ExecutionContext, layerSize: number): Promise<World> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-thousand-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const upstream = await ScriptedRegistry.start();
	t.teardown(() => upstream.stop());
	const content = imageFixture({layers: 1, layerSize});
	upstream.putImage(image, content, ['v1']);
	const options = {url: upstream.url, allowedAddresses: ['127.0.0.1']};
	const stowage = await startStowage({
		folder,
		configuration: {log: {level: 'error'}, bootstrap: {repositories: {hub: {type: 'remote', options}}}},
	});
	t.teardown(() => stowage.process.stop());
	const authorization = `Basic ${Buffer.from(`admin:${stowage.password}`).toString('base64')}`;
	return {upstream, stowage, authorization, content};
}

async function ask({stowage, authorization}: World, path: string): Promise<IncomingMessage> {
	const request = get(`${stowage.url}/v2/hub/${image}/${path}`, {agent: false, headers: {authorization}});
	const [response] = (await once(request, 'response')) as [IncomingMessage];
	return response;
}

test.serial('a thousand clients that ask for one layer cause one request, and each gets all of it', async t => {
	const world = await openWorld(t, 1_000_000);
	const {bytes, digest} = world.content.layers[0]!;
	(await ask(world, 'manifests/v1')).resume();
	const rest = Promise.withResolvers<void>();
	world.upstream.script(/\/blobs\//, (_request, response) => {
		response.writeHead(200, {'content-length': bytes.length});
		response.write(bytes.subarray(0, 300_000));
		void rest.promise.then(() => response.end(bytes.subarray(300_000)));
	});
	const responses = await Promise.all(Array.from({length: clients}, () => ask(world, `blobs/${digest}`)));
	const slow = responses[0]!;
	const leaving = responses.slice(1, 11);
	for (const response of leaving) {
		response.on('error', () => undefined);
		response.destroy();
	}
	rest.resolve();
	const digests = await Promise.all(
		responses.slice(11).map(async response => digestOf(Buffer.concat((await response.toArray()) as Buffer[]))),
	);
	t.true(digests.every(one => one === digest));
	t.is(digestOf(Buffer.concat((await slow.toArray()) as Buffer[])), digest);
	t.true(responses.every(({statusCode}) => statusCode === 200));
	t.is(world.upstream.count(/\/blobs\//), 1);
	t.is(world.upstream.count(/\/manifests\//), 1);
});

test.serial('a thousand clients that ask for one layer of wrong bytes all find out', async t => {
	const world = await openWorld(t, 100_000);
	const {bytes, digest} = world.content.layers[0]!;
	(await ask(world, 'manifests/v1')).resume();
	world.upstream.script(/\/blobs\//, (_request, response) => {
		response.writeHead(200, {'content-length': bytes.length});
		setTimeout(() => response.end(Buffer.alloc(bytes.length)), 1_000);
	});
	const outcomes = await Promise.all(
		Array.from({length: clients}, async () => {
			try {
				const response = await ask(world, `blobs/${digest}`);
				const received = Buffer.concat((await response.toArray()) as Buffer[]);
				return response.statusCode === 200 && received.length === bytes.length ? 'whole' : 'refused';
			} catch {
				return 'broken';
			}
		}),
	);
	t.false(outcomes.includes('whole'));
	world.upstream.unscript();
	const response = await ask(world, `blobs/${digest}`);
	t.is(digestOf(Buffer.concat((await response.toArray()) as Buffer[])), digest);
});
