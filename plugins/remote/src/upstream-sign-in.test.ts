import {RegistryError, parseImageName, parseTagName} from '@stowage/core';
import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {imageFixture} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {type Options, openRemoteWorld, readContent} from './fixtures/remote-world.ts';
import {basic, openTokenWorld, startRealm, user} from './fixtures/token-world.ts';

interface Hiding {
	/** What it answers nobody with. */
	readonly status: number;
	/** What it says at `/v2/` only; nothing there either where this is not given. */
	readonly challenge?: string;
	/** What it lets in. */
	readonly authorization: string;
}

/** An upstream that tells nobody of its images. */
async function openHidingWorld(
	t: ExecutionContext,
	{status, challenge, authorization}: Hiding,
	options: Options = user,
) {
	const world = await openRemoteWorld(t, options);
	const {upstream, image} = world;
	upstream.putImage(image, imageFixture(), ['v1', 'v2']);
	upstream.script(/./, (request, response) => {
		if (request.headers.authorization === authorization) {
			upstream.answerRightly(request, response);
		} else if (request.url === '/v2/') {
			const headers = challenge === undefined ? {} : {'www-authenticate': challenge};
			response.writeHead(challenge === undefined ? 200 : 401, headers).end('{}');
		} else {
			response.writeHead(status).end('{}');
		}
	});
	const asked = () => upstream.requests.map(({url, headers}) => [url.split('/').at(-1), headers.authorization]);
	return {...world, asked};
}

for (const status of [401, 403, 404]) {
	test(`who is told ${status} without credentials asks at /v2/, once, whether they are wanted: a password`, async t => {
		const hiding = {status, challenge: 'Basic realm="here"', authorization: basic};
		const {upstream, asked, pull} = await openHidingWorld(t, hiding);
		t.truthy(await pull('v1'));
		t.truthy(await pull('v2'));
		t.is(await pull('none'), undefined);
		t.deepEqual(asked(), [
			['v1', undefined],
			['', undefined],
			['v1', basic],
			['v2', basic],
			['none', basic],
		]);
		t.true(upstream.requests.every(({method}) => method === 'GET'));
	});

	test(`who is told ${status} without credentials asks at /v2/, once, whether they are wanted: a token`, async t => {
		const realm = await startRealm(t, ['one']);
		const challenge = `Bearer realm="${realm.url}/token",service="here",scope="repository:user/image:pull"`;
		const options = {...user, trustedRealms: [realm.url]};
		const hiding = {status, challenge, authorization: 'Bearer one'};
		const {upstream, asked, pull, repository, as, image} = await openHidingWorld(t, hiding, options);
		const other = parseImageName('team/other');
		const content = imageFixture({layers: 1});
		upstream.putImage(image, content, ['v3']);
		upstream.putImage(other, imageFixture(), ['v9']);
		t.truthy(await pull('v1'));
		t.is(await pull('none'), undefined);
		t.truthy(await repository.findManifest(other, {tag: parseTagName('v9')}, as));
		t.deepEqual(asked(), [
			['v1', undefined],
			['', undefined],
			['v1', 'Bearer one'],
			['none', 'Bearer one'],
			['v9', undefined],
			['v9', 'Bearer one'],
		]);
		t.deepEqual(
			realm.requests.map(({url, headers}) => [
				new URL(url, realm.url).searchParams.get('scope'),
				headers.authorization,
			]),
			[image, other].map(name => [`repository:${name}:pull`, basic]),
		);
		await pull('v3');
		const {digest, bytes} = content.layers[0]!;
		t.deepEqual(await readContent(await repository.openBlob(image, digest, as)), bytes);
	});
}

test('an upstream that wants nothing at /v2/ is believed, and asked there by one at a time', async t => {
	const {asked, pull} = await openHidingWorld(t, {status: 404, authorization: basic});
	t.deepEqual(await Promise.all(['a', 'b', 'c'].map(tag => pull(tag))), [undefined, undefined, undefined]);
	t.is(await pull('d'), undefined);
	t.is(asked().filter(([path]) => path === '').length, 1);
	t.is(asked().length, 5);
});

test('who is nobody does not ask at /v2/', async t => {
	const hiding = {challenge: 'Basic realm="here"', authorization: basic};
	for (const status of [401, 403, 404]) {
		const {asked, pull} = await openHidingWorld(t, {...hiding, status}, {});
		await pull('v1').catch(() => undefined);
		t.deepEqual(asked(), [['v1', undefined]]);
	}
});

for (const [status, told] of [
	[429, 429],
	[500, 502],
] as const) {
	test(`an upstream that answers with ${status} at /v2/ is trouble, and asked there again`, async t => {
		const hiding = {status: 404, challenge: 'Basic realm="here"', authorization: basic};
		const {upstream, pull} = await openHidingWorld(t, hiding);
		upstream.script(/^GET \/v2\/$/, (_request, response) => response.writeHead(status).end(), 1);
		t.like(await t.throwsAsync(pull('v1'), {instanceOf: RegistryError}), {status: told});
		t.truthy(await pull('v1'));
	});
}

test('whoever the upstream redirects to is told no credentials, whatever he hides or wants', async t => {
	const other = await ScriptedRegistry.start();
	t.teardown(() => other.stop());
	const {upstream, image, repository, as, pull} = await openRemoteWorld(t, user);
	const content = imageFixture({layers: 2});
	upstream.putImage(image, content, ['v1']);
	await pull('v1');
	const led = /\/blobs\/|^GET \/v2\/$/;
	upstream.script(led, (request, response) => response.writeHead(307, {location: other.url + request.url}).end());
	other.script(/\/v2\/$/, (_request, response) => response.writeHead(401, {'www-authenticate': 'Basic'}).end());
	t.is(await repository.openBlob(image, content.layers[0]!.digest, as), undefined);
	t.is(upstream.count(/^GET \/v2\/$/), 0);
	t.is(await pull('none'), undefined);
	t.is(other.count(/^GET \/v2\/$/), 1);
	t.true([...other.requests, ...upstream.requests].every(({headers}) => headers.authorization === undefined));
});

test('a token that is refused as soon as it was got is not got again at once, nor is anything asked twice with it', async t => {
	const {upstream, realm, pull} = await openTokenWorld(t, ['one']);
	upstream.script(/./, (_request, response) =>
		response.writeHead(401, {'www-authenticate': `Bearer realm="${realm.url}/token"`}).end(),
	);
	for (const [tag, asked] of [
		['v1', 2],
		['v2', 3],
		['v3', 4],
	] as const) {
		const error = await t.throwsAsync(pull(tag), {instanceOf: RegistryError});
		t.like(error, {status: 401, code: 'UNAUTHORIZED', elsewhere: 'unseen'});
		t.deepEqual([upstream.requests.length, realm.requests.length], [asked, 1]);
	}
});
