import {createTestHost} from '@stowage/testing';
import {Readable} from 'node:stream';
import test, {type ExecutionContext} from 'ava';
import {parseImageName} from '../oci/image-name.ts';
import type {RegistryEvent} from '../events/registry-event.ts';
import {everythingCaller} from '../access/everything-caller.ts';
import type {RepositoryType} from './repository-type.ts';
import type {Repository} from './repository.ts';

const image = parseImageName('library/alpine');

function nothing(key: string, cache?: Repository): Repository {
	return {
		key,
		type: 'mirror',
		cache,
		findManifest: async () => undefined,
		findBlob: async () => undefined,
		openBlob: async () => ({kind: 'bytes', size: 0, body: Readable.from([])}),
		listTags: async () => ({items: []}),
		listImages: async () => ({items: []}),
		listReferrers: async () => ({items: []}),
	};
}

const mirrorType: RepositoryType<{hosts: readonly string[]}> = {
	type: 'mirror',
	cached: true,
	options: {type: 'object', properties: {hosts: {type: 'array', items: {type: 'string'}}}, required: ['hosts']},
	mirrors: ({hosts}) => hosts,
	create: async (_options, {key}) => nothing(key, nothing(`${key}-cache`)),
};

async function openHost(t: ExecutionContext) {
	const host = await createTestHost({
		types: [mirrorType],
		repositories: {
			local: {},
			ghcr: {type: 'mirror', options: {hosts: ['ghcr.io']}},
			hub: {type: 'mirror', options: {hosts: ['docker.io', 'index.docker.io']}},
			second: {type: 'mirror', options: {hosts: ['docker.io']}},
			'second-cache': {},
		},
	});
	t.teardown(() => host.close());
	return host;
}

test('the mirror of a registry is the first that serves it, or the one that is named if it may serve it', async t => {
	const {repositories} = await openHost(t);
	t.is(repositories.findMirror('docker.io'), 'hub');
	t.is(repositories.findMirror('ghcr.io'), 'ghcr');
	t.is(repositories.findMirror('quay.io'), undefined);
	t.is(repositories.findMirror('docker.io', 'second'), 'second');
	t.is(repositories.findMirror('docker.io', 'ghcr'), undefined);
	t.is(repositories.findMirror('docker.io', 'local'), 'local');
	t.is(repositories.findMirror('docker.io', 'unknown'), undefined);
	t.is(repositories.findMirror('docker.io', 'hub-cache'), 'hub-cache');
	t.is(repositories.findMirror('ghcr.io', 'hub-cache'), undefined);
	t.is(repositories.findMirror('ghcr.io', 'second-cache'), 'second-cache');
	t.is(repositories.findMirror('docker.io', 'local-cache'), undefined);
});

test('a mirror of a registry is who is known to serve it, or the cache of that', async t => {
	const {repositories} = await openHost(t);
	for (const [host, key, is] of [
		['docker.io', 'hub', true],
		['docker.io', 'second', true],
		['docker.io', 'hub-cache', true],
		['docker.io', 'ghcr', false],
		['docker.io', 'ghcr-cache', false],
		['docker.io', 'local', false],
		['docker.io', 'second-cache', false],
		['docker.io', 'unknown', false],
	] as const) {
		t.is(repositories.isMirror(host, key), is, `${key} ${host}`);
	}
});

test('a repository that is defined by the key of a cache comes before that', async t => {
	const {repositories} = await openHost(t);
	t.is((await repositories.get('second-cache'))?.type, 'local');
	t.is((await repositories.get('hub-cache'))?.key, 'hub-cache');
	t.is(repositories.find('hub-cache')?.key, 'hub-cache');
	t.is(await repositories.get('local-cache'), undefined);
	const keys = ['ghcr', 'ghcr-cache', 'hub', 'hub-cache', 'local', 'second', 'second-cache'];
	t.deepEqual(await repositories.keys(), keys);
});

test('what is read from a cache is told under its key', async t => {
	const {repositories, events} = await openHost(t);
	const told: RegistryEvent[] = [];
	events.on('blob.pulled', event => void told.push(event));
	const cache = await repositories.get('hub-cache');
	const digest = `sha256:${'a'.repeat(64)}` as never;
	const content = await cache?.openBlob(image, digest, {caller: everythingCaller('tester')});
	if (content?.kind === 'bytes') {
		content.body.destroy();
	}
	t.deepEqual(
		told.map(({repository}) => repository),
		['hub-cache'],
	);
});
