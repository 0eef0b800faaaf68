import {createRequire} from 'node:module';
import type {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {promisify} from 'node:util';
import {freePort} from '@stowage/test-servers';
import type {ExecutionContext} from 'ava';
import {type SpecWorld, specification} from './specification.ts';
import {V1Client, v1Images} from './v1-client.ts';

/** What is used here of the first API's side of `docker-registry-client`, which has no types. */
interface Library {
	createClientV1(options: {name: string; scheme: string; username: string; password: string}): LibraryClient;
}

interface LibraryClient {
	listRepoTags(done: Done<Record<string, string>>): void;
	listRepoImgs(done: Done<readonly {readonly id: string}[]>): void;
	getImgId(options: {tag: string}, done: Done<string>): void;
	getImgAncestry(options: {imgId: string}, done: Done<readonly string[]>): void;
	getImgJson(options: {imgId: string}, done: Done<{readonly id: string; readonly parent?: string}>): void;
	getImgLayerStream(options: {imgId: string}, done: Done<Readable>): void;
	search(options: {term: string}, done: Done<{readonly results: readonly {readonly name: string}[]}>): void;
	ping(done: Done<object>): void;
	close(): void;
}

type Done<Value> = (error: Error | null, value: Value) => void;

const library = createRequire(import.meta.url)('docker-registry-client') as Library;

const specify = specification(async () => ({
	bootstrap: {
		repositories: {'docker-local': {type: 'local'}, old: {type: 'local', options: {dockerApiVersion: 'V1'}}},
	},
	bindings: [{port: await freePort(), repositories: {v1: 'old'}}],
}));

function open(t: ExecutionContext, {registry}: SpecWorld, name: string): LibraryClient {
	const port = registry.settings.bindings?.[0]?.port;
	const {name: username, password} = registry.admin;
	const client = library.createClientV1({name: `127.0.0.1:${port}/${name}`, scheme: 'http', username, password});
	t.teardown(() => client.close());
	return client;
}

specify('v1: a library that nobody here wrote pulls what was pushed', async (t, world) => {
	const images = v1Images(3);
	await new V1Client(world.client, '/api/docker/old/v1').push('team/app', images, '1.0');
	const client = open(t, world, 'team/app');
	await promisify(client.ping.bind(client))();
	const ids = images.map(({id}) => id);
	t.deepEqual(await promisify(client.listRepoTags.bind(client))(), {'1.0': ids[2]!});
	const listed = await promisify(client.listRepoImgs.bind(client))();
	t.deepEqual(listed.map(({id}) => id).toSorted(), ids.toSorted());
	const imgId = await promisify(client.getImgId.bind(client))({tag: '1.0'});
	t.is(imgId, ids[2]!);
	t.deepEqual(await promisify(client.getImgAncestry.bind(client))({imgId}), ids.toReversed());
	for (const {id, parent, layer} of images) {
		t.like(await promisify(client.getImgJson.bind(client))({imgId: id}), {id, parent});
		const stream = await promisify(client.getImgLayerStream.bind(client))({imgId: id});
		const received = buffer(stream);
		stream.resume();
		t.true((await received).equals(layer));
	}
	const {results} = await promisify(client.search.bind(client))({term: 'team/app'});
	t.deepEqual(
		results.map(({name}) => name),
		['team/app'],
	);
});
