import {randomBytes} from 'node:crypto';
import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import test from 'ava';
import {addUser} from '../add-user.ts';
import {answered, refused} from '../assertions.ts';
import {emptyContent, imageManifest, randomContent} from '../content.ts';
import {expect} from '../image-client.ts';
import type {RegistryClient} from '../registry-client.ts';
import {type SpecWorld, specification} from '../specification.ts';
import {withToken} from '../token.ts';

const layer = randomContent();
const manifest = imageManifest({layers: [layer]});
const images = ['library/busybox', 'library/alpine', 'team/app'];
const upstreams: ScriptedRegistry[] = [];
test.after.always('the upstreams end', () => Promise.all(upstreams.map(upstream => upstream.stop())));

const specify = specification(async () => {
	const upstream = await ScriptedRegistry.start();
	upstreams.push(upstream);
	for (const image of images) {
		const blobs = [emptyContent, layer].map(({bytes, descriptor}) => ({bytes, ...descriptor}));
		upstream.putImage(image, {manifest: {bytes: manifest.bytes, ...manifest.descriptor}, blobs}, ['latest']);
	}
	const hub = {url: upstream.url, mirrorOf: 'docker.io', allowedAddresses: ['127.0.0.1']};
	return {
		bootstrap: {
			repositories: {
				hub: {type: 'remote', options: hub},
				docker: {type: 'virtual', options: {repositories: ['hub']}},
				cached: {type: 'virtual', options: {repositories: ['hub-cache']}},
				strict: {type: 'virtual', options: {repositories: ['hub'], excludesPattern: 'library/busybox'}},
				around: {type: 'virtual', options: {repositories: ['strict']}},
			},
		},
	};
});

const places = ['hub', 'hub-cache', 'docker', 'cached'];
const paths = ['/manifests/latest', `/manifests/${manifest.digest}`, `/blobs/${layer.digest}`];

/** Somebody who may read, and delete, what these patterns let him of the remote repository, with password and with token. */
async function addReader(
	{registry, client}: SpecWorld,
	patterns: {readonly includes?: readonly string[]; readonly excludes?: readonly string[]},
	names: readonly string[],
): Promise<readonly RegistryClient[]> {
	const user = await addUser(registry);
	const {includes = ['**'], excludes = []} = patterns;
	const target = {
		repositories: ['hub'],
		includesPattern: includes.join(','),
		excludesPattern: excludes.join(','),
		principals: {users: {[user.name]: ['r', 'd']}},
	};
	const name = `target-${randomBytes(4).toString('hex')}`;
	const headers = {'content-type': 'application/json'};
	const path = `/api/security/permissions/${name}`;
	expect(await client.request('PUT', path, {headers, body: JSON.stringify(target)}), 201);
	const scopes = names.flatMap(image => places.map(key => `repository:${key}/${image}:pull,delete`));
	return [user.client, await withToken(user.client, ...scopes)];
}

/** All of an image is in the cache. */
async function fill(client: RegistryClient, name: string): Promise<void> {
	for (const path of paths) {
		expect(await client.request('GET', `/v2/hub/${name}${path}`), 200);
	}
}

specify('T27: what is excluded by one of its names is not had by the other, anywhere', async (t, world) => {
	for (const excluded of ['library/busybox/**', 'library/busybox', 'busybox']) {
		await fill(world.client, 'busybox');
		const names = ['busybox', 'library/busybox'];
		for (const client of await addReader(world, {excludes: [excluded]}, names)) {
			for (const name of names) {
				for (const [key, path] of places.flatMap(key =>
					[...paths, '/manifests/none', '/tags/list'].map(path => [key, path]),
				)) {
					const answer = await client.request('GET', `/v2/${key}/${name}${path}`);
					t.true([401, 403].includes(answer.status), `${excluded}: ${key}/${name}${path} ${answer.status}`);
				}
				const deletion = await client.request('DELETE', `/v2/hub-cache/${name}/manifests/${manifest.digest}`);
				t.true([401, 403].includes(deletion.status), `${excluded}: ${name} ${deletion.status}`);
			}
		}
	}
});

specify('T27: what is included by one of its names is had by the other, and nothing else is', async (t, world) => {
	await fill(world.client, 'alpine');
	await fill(world.client, 'team/app');
	const names = ['alpine', 'library/alpine', 'team/app'];
	for (const included of ['library/**', 'alpine']) {
		for (const client of await addReader(world, {includes: [included]}, names)) {
			for (const key of places) {
				// What was just fetched need not be stored yet.
				for (const path of key.includes('cache') ? paths.slice(0, 2) : paths) {
					answered(t, await client.request('GET', `/v2/${key}/alpine${path}`), 200);
					answered(t, await client.request('GET', `/v2/${key}/library/alpine${path}`), 200);
					const other = await client.request('GET', `/v2/${key}/team/app${path}`);
					t.true([401, 403].includes(other.status), `${key} ${path} ${other.status}`);
				}
			}
		}
	}
});

specify('T27: an image that is not there answers as one that is, to who may not read it', async (t, world) => {
	const [client] = await addReader(world, {excludes: ['library/**']}, []);
	for (const name of ['busybox', 'no-such-image', 'library/no-such-image']) {
		refused(t, await client!.request('GET', `/v2/hub/${name}/manifests/latest`), 403, 'DENIED');
	}
});

specify('T27: a token is good for the name that it was asked for', async (t, world) => {
	for (const name of ['alpine', 'library/alpine']) {
		const [, client] = await addReader(world, {includes: ['library/**']}, [name]);
		answered(t, await client!.request('GET', `/v2/hub/${name}/manifests/latest`), 200);
		answered(t, await client!.request('GET', `/v2/docker/${name}/manifests/latest`), 200);
		t.is((await client!.request('GET', '/v2/hub/library/busybox/manifests/latest')).status, 401);
	}
});

specify('T27: what a virtual repository leaves out is not had by another name of a member', async (t, {client}) => {
	await fill(client, 'busybox');
	for (const key of ['strict', 'around']) {
		for (const path of paths) {
			refused(t, await client.request('GET', `/v2/${key}/busybox${path}`), 404, 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN');
			const refusal = await client.request('GET', `/v2/${key}/library/busybox${path}`);
			t.true([403, 404].includes(refusal.status), `${key} ${path} ${refusal.status}`);
		}
		answered(t, await client.request('GET', `/v2/${key}/alpine/manifests/latest`), 200);
	}
});
