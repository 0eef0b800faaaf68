import {randomBytes} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {gzipSync} from 'node:zlib';
import type {Digest} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import {answered} from './assertions.ts';
import {addUser} from './add-user.ts';
import {content, digest} from './content.ts';
import {type SpecWorld, specification} from './specification.ts';
import {V1Client, v1Image, v1Images} from './v1-client.ts';

const specify = specification({
	bootstrap: {
		repositories: {
			'docker-local': {type: 'local'},
			old: {type: 'local', options: {dockerApiVersion: 'V1'}},
		},
	},
	bindings: [
		{host: 'both.example', repositories: {v2: 'docker-local', v1: 'old'}},
		{host: 'old.example', repositories: {v1: 'old'}},
		{host: 'new.example', repositories: {v2: 'docker-local'}},
		{host: 'gone.example', repositories: {v2: 'not-there', v1: 'not-there-either'}},
	],
	subdomainsOf: ['registry.example'],
});

const newName = () => `team/${randomBytes(8).toString('hex')}`;

function atHost({client}: SpecWorld, host = 'both.example'): V1Client {
	return new V1Client(client.as({host}), '/v1');
}

specify('v1: what an engine pushes in its order, an engine pulls: the same bytes, the base first', async (t, world) => {
	const [name, images] = [newName(), v1Images(3)];
	const v1 = atHost(world);
	await v1.push(name, images, '1.0');
	t.deepEqual(
		await v1.pull(name, '1.0'),
		images.map(({id, json, layer}) => ({id, json, layer})),
	);
	t.deepEqual((await v1.request('GET', `/repositories/${name}/tags`)).json(), {'1.0': images[2]?.id});
	const listed = (await v1.request('GET', `/repositories/${name}/images`)).json<{id: string; checksum: string}[]>();
	t.deepEqual(listed.map(({id}) => id).toSorted(), images.map(({id}) => id).toSorted());
	t.is(listed.find(({id}) => id === images[0]?.id)?.checksum, images[0]?.checksum);
});

specify('v1: what an engine uses is told to be deprecated, and what searches is not', async (t, world) => {
	const name = newName();
	const v1 = atHost(world);
	await v1.push(name, v1Images(1), '1.0');
	for (const [path, status] of [
		['/_ping', 200],
		[`/repositories/${name}/tags`, 200],
		[`/repositories/${name}/tags/none`, 404],
	] as const) {
		const answer = await v1.client.request('GET', v1.base + path);
		answered(t, answer, status);
		t.regex(answer.need('warning'), /^299 - "[^"]*deprecated[^"]*"$/);
	}
	t.is((await v1.client.request('GET', `${v1.base}/search?q=x`)).header('warning'), undefined);
	t.is((await world.client.request('GET', '/v2/')).header('warning'), undefined);
});

specify('v1: a second image shares what is there, and its push leaves that out', async (t, world) => {
	const v1 = atHost(world);
	const [one, other, base] = [newName(), newName(), v1Image()];
	await v1.push(one, [base]);
	const top = v1Image({parent: base.id});
	await v1.push(other, [base, top]);
	t.is((await v1.pull(other)).length, 2);
	answered(t, await v1.request('DELETE', `/repositories/${one}/`), 200);
	answered(t, await v1.request('GET', `/repositories/${one}/images`), 404);
	t.is((await v1.pull(other)).length, 2);
});

specify('v1: tags are set, moved, shown and deleted', async (t, world) => {
	const v1 = atHost(world);
	const [name, images] = [newName(), v1Images(2)];
	await v1.push(name, images);
	answered(t, await v1.putTag(name, 'other', images[0]!.id), 200);
	answered(t, await v1.putTag(name, 'other', images[1]!.id), 200);
	t.is((await v1.request('GET', `/repositories/${name}/tags/other`)).json(), images[1]!.id);
	const shown = (await v1.request('GET', `/repositories/${name}/tags/other/json`)).json<Record<string, unknown>>();
	t.like(shown, {os: 'linux', docker_version: null});
	t.is(typeof shown['last_update'], 'number');
	t.like((await v1.request('GET', `/repositories/${name}/json`)).json(), {os: 'linux'});
	answered(t, await v1.request('DELETE', `/repositories/${name}/tags/other`), 200);
	answered(t, await v1.request('GET', `/repositories/${name}/tags/other`), 404);
	answered(t, await v1.request('DELETE', `/repositories/${name}/tags/other`), 404);
	for (const [tag, body, status] of [
		['..', `"${images[0]!.id}"`, 400],
		['x', `"${'e'.repeat(64)}"`, 404],
		['x', '"short"', 400],
		['x', '{', 400],
	] as const) {
		const refused = await v1.request('PUT', `/repositories/${name}/tags/${tag}`, {body});
		answered(t, refused, status);
		t.deepEqual(Object.keys(refused.json<object>()), ['error']);
	}
});

specify('v1: layers come by range, in whole, and not when they are known', async (t, world) => {
	const v1 = atHost(world);
	const [name, image] = [newName(), v1Image({layer: randomBytes(100_000)})];
	await v1.push(name, [image]);
	const path = `/images/${image.id}/layer`;
	const part = await v1.request('GET', path, {headers: {range: 'bytes=50000-'}});
	answered(t, part, 206);
	t.is(part.header('content-range'), 'bytes 50000-99999/100000');
	t.true(part.body.equals(image.layer.subarray(50_000)));
	const middle = await v1.request('GET', path, {headers: {range: 'bytes=10-19'}});
	t.true(middle.body.equals(image.layer.subarray(10, 20)));
	const last = await v1.request('GET', path, {headers: {range: 'bytes=-5'}});
	t.true(last.body.equals(image.layer.subarray(-5)));
	answered(t, await v1.request('GET', path, {headers: {range: 'bytes=100000-'}}), 416);
	const head = await v1.request('HEAD', path);
	t.is(head.header('content-length'), '100000');
	t.is(head.header('accept-ranges'), 'bytes');
	const json = await v1.request('GET', `/images/${image.id}/json`);
	t.is(json.header('x-docker-size'), '100000');
	t.is(json.header('x-docker-checksum-payload'), image.checksum);
	const headers = {'if-modified-since': json.need('last-modified')};
	answered(t, await v1.request('GET', `/images/${image.id}/json`, {headers}), 304);
	answered(t, await v1.request('GET', path, {headers}), 304);
});

specify('v1: layers are blobs: one that V2 has as well is there once', async (t, world) => {
	const layer = content(gzipSync(randomBytes(5000)));
	const [name, image] = [newName(), v1Image({layer: layer.bytes})];
	await world.image.pushBlob(layer);
	const blobs = async () => {
		const metadata = await openMetadata(world.registry.database);
		try {
			return (await metadata.blobs.find('default', layer.digest as Digest))?.key;
		} finally {
			await metadata.close();
		}
	};
	const stored = await blobs();
	await atHost(world).push(name, [image]);
	t.is(typeof stored, 'string');
	t.is(await blobs(), stored);
	t.true((await atHost(world).pull(name))[0]!.layer.equals(layer.bytes));
});

specify('v1: each host has what is bound to it, and 404 at /v2/ where there is nothing for V2', async (t, world) => {
	const [name, images] = [newName(), v1Images(1)];
	await atHost(world, 'old.example').push(name, images);
	for (const host of ['both.example', 'old.example', 'old.registry.example']) {
		t.is((await atHost(world, host).pull(name)).length, 1, host);
	}
	for (const base of ['/api/docker/old/v1', '/artifactory/api/docker/old/v1']) {
		t.is((await new V1Client(world.client, base).pull(name)).length, 1, base);
	}
	for (const [host, status] of [
		['both.example', 200],
		['new.example', 200],
		['old.example', 404],
		['gone.example', 404],
		['old.registry.example', 404],
		['docker-local.registry.example', 200],
	] as const) {
		answered(t, await world.client.as({host}).request('GET', '/v2/'), status);
		const ping = await world.client.as({host, authorization: undefined}).request('GET', '/v1/_ping');
		answered(t, ping, 200);
		t.is(ping.header('x-docker-registry-standalone'), 'True');
	}
	for (const v1 of [atHost(world, 'new.example'), new V1Client(world.client, '/v1')]) {
		answered(t, await v1.request('GET', `/repositories/${name}/tags`), 404);
		answered(t, await v1.request('GET', `/images/${images[0]!.id}/json`), 404);
		answered(t, await v1.startPush(name, images), 404);
	}
	answered(t, await new V1Client(world.client, '/api/docker/docker-local/v1').startPush(name, images), 404);
	answered(t, await world.client.request('GET', '/api/docker/old/v2/'), 404);
	const pushed = await world.client.request('POST', '/v2/old/app/blobs/uploads/');
	answered(t, pushed, 405);
	t.regex(pushed.body.toString(), /speaks Docker's first API alone/);
});

specify('v1: docker login finds out whether a password is right', async (t, world) => {
	const v1 = atHost(world);
	const stranger = new V1Client(v1.client.as({authorization: undefined}), '/v1');
	const account = JSON.stringify({username: 'admin', password: 'x', email: 'a@b.c'});
	answered(t, await stranger.request('POST', '/users/', {body: account}), 401);
	const registered = await v1.request('POST', '/users/', {body: account});
	answered(t, registered, 400);
	t.is(registered.body.toString(), '"Username or email already exists"');
	answered(t, await v1.request('GET', '/users/'), 200);
	answered(t, await stranger.request('GET', '/users/'), 401);
});

specify('v1: a name without a namespace is of library, whose rights it has', async (t, world) => {
	const v1 = atHost(world);
	const name = randomBytes(8).toString('hex');
	await v1.push(name, v1Images(1));
	t.is((await v1.pull(`library/${name}`)).length, 1);
	answered(t, await v1.request('GET', `/repositories/${name}/tags`), 200);
});

specify('v1: a search finds images of both protocols by a part of their name, page by page', async (t, world) => {
	const word = randomBytes(6).toString('hex');
	await atHost(world).push(`team/${word}-old`, v1Images(1));
	await world.client.image(`team/${word}-new`).pushImage('latest');
	const find = async (base: string, host?: string, more = '') => {
		const answer = await world.client.as({host}).request('GET', `${base}/search?q=${word}${more}`);
		answered(t, answer, 200);
		const {results, ...counts} = answer.json<{num_results: number; num_pages: number; results: {name: string}[]}>();
		return {...counts, names: results.map(({name}) => name)};
	};
	t.like(await find('/v1'), {
		num_results: 2,
		num_pages: 1,
		names: [`docker-local/team/${word}-new`, `old/team/${word}-old`],
	});
	t.deepEqual((await find('/v1', 'both.example')).names, [`team/${word}-new`, `team/${word}-old`]);
	t.deepEqual((await find('/v1', 'new.example')).names, [`team/${word}-new`]);
	t.deepEqual((await find('/api/docker/old/v1')).names, [`team/${word}-old`]);
	t.like(await find('/v1', undefined, '&n=1&page=2'), {num_results: 2, num_pages: 2, names: [`old/team/${word}-old`]});
	answered(t, await world.client.as({authorization: undefined}).request('GET', `/v1/search?q=${word}`), 401);
});

specify('v1: a repository is made by REST, speaks V1, and is gone with all that is in it', async (t, world) => {
	const key = `v1-${randomBytes(4).toString('hex')}`;
	const made = await world.client.request('PUT', `/api/repositories/${key}`, {
		body: JSON.stringify({rclass: 'local', packageType: 'docker', dockerApiVersion: 'V1'}),
		headers: {'content-type': 'application/json'},
	});
	answered(t, made, 200);
	t.like((await world.client.request('GET', `/api/repositories/${key}`)).json(), {dockerApiVersion: 'V1'});
	const v1 = new V1Client(world.client, `/api/docker/${key}/v1`);
	await v1.push('team/app', v1Images(2));
	answered(t, await v1.startPush('team/other', v1Images(1)), 200);
	answered(t, await world.client.request('DELETE', `/api/repositories/${key}`), 200);
	answered(t, await v1.request('GET', '/repositories/team/app/tags'), 404);
});

specify('v1: images and tags are items, with the properties that tell of them', async (t, world) => {
	const [name, images] = [newName(), v1Images(2)];
	const [base, top] = [images[0]!, images[1]!];
	await atHost(world).push(name, images, '1.0');
	const storage = (path: string, host?: string) =>
		world.client.as({host}).request('GET', `/artifactory/api/storage/old${path}`);
	const childrenOf = async (path: string) =>
		(await storage(path)).json<{children: {uri: string}[]}>().children.map(({uri}) => uri);
	t.deepEqual(await childrenOf(''), ['/.images', '/repositories']);
	t.true((await childrenOf('/.images')).includes(`/${base.id}`));
	t.deepEqual(await childrenOf(`/.images/${base.id}`), ['/json', '/layer']);
	t.true((await childrenOf('/repositories/team')).includes(`/${name.slice('team/'.length)}`));
	t.deepEqual(await childrenOf(`/repositories/${name}`), ['/1.0']);
	t.like((await storage(`/.images/${base.id}/layer`)).json(), {
		repo: 'old',
		path: `/.images/${base.id}/layer`,
		size: String(base.layer.length),
		createdBy: 'admin',
		checksums: {sha256: digest(base.layer).slice('sha256:'.length)},
	});
	const propertiesOf = async (path: string) =>
		(await storage(`${path}?properties`)).json<{properties: object}>().properties;
	t.deepEqual(await propertiesOf(`/repositories/${name}/1.0`), {
		'docker.tag.content': [top.id],
		'docker.tag.name': ['1.0'],
	});
	t.deepEqual(await propertiesOf(`/.images/${top.id}`), {
		'docker.imageId': [top.id],
		'docker.size': [String(top.layer.length)],
	});
	const {files} = (await storage('?list&deep=1')).json<{files: {uri: string}[]}>();
	const uris = files.map(({uri}) => uri);
	t.true([`/.images/${top.id}/json`, `/repositories/${name}/1.0`].every(uri => uris.includes(uri)));
	t.like((await storage(`/repositories/${name}?lastModified`)).json<object>(), {
		uri: `${world.registry.url}/artifactory/api/storage/old/repositories/${name}/1.0`,
	});
	for (const path of [
		'/nothing',
		`/repositories/${name}/2.0`,
		`/.images/${'f'.repeat(64)}`,
		'/.images/x',
		'/repositories/x',
	]) {
		answered(t, await storage(path), 404);
	}
	const stranger = await addUser(world.registry);
	answered(t, await stranger.client.request('GET', `/api/storage/old/.images/${base.id}`), 403);
	const remove = (path: string, client = world.client) => client.request('DELETE', `/artifactory/old${path}`);
	await atHost(world).putTag(name, '2.0', base.id);
	answered(t, await remove(`/repositories/${name}/2.0`, stranger.client), 403);
	answered(t, await remove(`/.images/${base.id}`), 400);
	answered(t, await remove(`/repositories/${name}/2.0`), 204);
	answered(t, await remove(`/repositories/${name}/2.0`), 404);
	t.is((await atHost(world).pull(name, '1.0')).length, 2);
	answered(t, await remove(`/repositories/${name}`), 204);
	answered(t, await storage(`/repositories/${name}`), 404);
});

specify('v1: a layer that breaks off is not there, leaves nothing, and can be sent again', async (t, world) => {
	const user = await addUser(world.registry);
	await world.client.request('PUT', `/api/security/permissions/for-${user.name}`, {
		body: JSON.stringify({
			repositories: ['old'],
			includesPattern: 'team/**',
			principals: {users: {[user.name]: ['r', 'w']}},
		}),
		headers: {'content-type': 'application/json'},
	});
	const v1 = new V1Client(user.client, '/api/docker/old/v1');
	const [name, image] = [newName(), v1Image({layer: randomBytes(400_000)})];
	answered(t, await v1.startPush(name, [image]), 200);
	answered(t, await v1.putImageJson(image), 200);
	const body = breakingOff(image.layer.subarray(0, 200_000));
	await t.throwsAsync(v1.request('PUT', `/images/${image.id}/layer`, {body}));
	answered(t, await v1.putChecksum(image), 404);
	const metadata = await openMetadata(world.registry.database);
	try {
		const uploads = () => metadata.uploads.countStartedBy(user.name);
		for (const end = Date.now() + 60_000; (await uploads()) > 0 && Date.now() < end;) {
			await sleep(20);
		}
		t.is(await uploads(), 0);
	} finally {
		await metadata.close();
	}
	await v1.push(name, [image]);
	t.true((await v1.pull(name))[0]!.layer.equals(image.layer));
});

async function* breakingOff(bytes: Buffer): AsyncGenerator<Buffer> {
	yield bytes;
	await sleep(20);
	throw new Error('the sender has gone');
}
