import {digestOf} from '@stowage/core';
import test from 'ava';
import {
	type AccessWorld,
	basic,
	config,
	makeAccessWorld,
	manifest,
	mediaType,
	missing,
} from './fixtures/access-world.ts';

const denied = [
	['nobody', () => undefined],
	['a user without rights', () => basic('guest')],
	['a token without scope', async ({token}: AccessWorld) => token('root')],
] as const;

for (const [who, credentials] of denied) {
	test(`${who} cannot tell what exists from what does not`, async t => {
		const world = await makeAccessWorld(t);
		const authorization = await credentials(world);
		const ask = async (path: string) => {
			const response = await world.request('GET', path, authorization);
			return {status: response.status, body: await response.text()};
		};
		const there = await ask('/v2/docker-local/team/app/manifests/latest');
		for (const path of [
			'/v2/docker-local/team/app/manifests/never',
			'/v2/docker-local/team/never/manifests/latest',
			'/v2/docker-never/team/app/manifests/latest',
			`/v2/docker-local/team/app/manifests/${missing}`,
			`/v2/docker-local/team/app/blobs/${digestOf(config)}`,
			`/v2/docker-local/team/app/blobs/${missing}`,
			'/v2/docker-local/team/app/tags/list',
			'/v2/docker-never/team/app/tags/list',
			`/v2/docker-never/team/app/referrers/${missing}`,
		]) {
			t.deepEqual(await ask(path), there, path);
		}
	});
}

test('who may write but not delete makes new tags and cannot move one that is there', async t => {
	const {limited, request} = await makeAccessWorld(t);
	const authorization = await limited('read', 'write');
	const other = Buffer.from(JSON.stringify({...JSON.parse(manifest.toString()), annotations: {}}));
	const put = (reference: string, body: Buffer) =>
		request('PUT', `/v2/docker-local/team/app/manifests/${reference}`, authorization, {
			body: Uint8Array.from(body),
			headers: {'content-type': mediaType},
		});
	t.is((await put('new', other)).status, 201);
	for (const reference of ['latest', `${digestOf(other)}?tag=latest`, `${digestOf(other)}?tag=newer&tag=latest`]) {
		t.true([401, 403].includes((await put(reference, other)).status), reference);
	}
	const latest = await request('GET', '/v2/docker-local/team/app/manifests/latest', authorization);
	t.is(latest.headers.get('docker-content-digest'), digestOf(manifest));
	const newer = await request('GET', '/v2/docker-local/team/app/manifests/newer', authorization);
	t.is(newer.status, 404);
});

test('a blob is not mounted from an image that the token does not read', async t => {
	const {token, request} = await makeAccessWorld(t);
	const scope = 'repository:docker-local/team/other:pull,push';
	const mount = (from: string, authorization: string) =>
		request('POST', `/v2/docker-local/team/other/blobs/uploads/?mount=${digestOf(config)}&from=${from}`, authorization);
	const narrow = await token('root', scope);
	t.is((await mount('docker-dev/team/app', narrow)).status, 202);
	t.is((await mount('docker-never/team/app', narrow)).status, 202);
	const wide = await token('root', scope, 'repository:docker-dev/team/app:pull');
	t.is((await mount('docker-dev/team/app', wide)).status, 201);
});
