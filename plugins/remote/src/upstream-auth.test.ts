import {RegistryError, parseTagName} from '@stowage/core';
import {ScriptedRegistry} from '@stowage/test-servers/upstreams';
import {imageFixture} from '@stowage/testing';
import test from 'ava';
import {openRemoteWorld, readContent} from './fixtures/remote-world.ts';
import {basic, openTokenWorld, startRealm, user, wantToken} from './fixtures/token-world.ts';

const v1 = {tag: parseTagName('v1')};

test('a token is got with user and password, and used for all of an image', async t => {
	const {upstream, realm, image, repository, as, pull} = await openTokenWorld(t, ['one']);
	t.truthy(await pull('v1'));
	t.truthy(await pull('v2'));
	const found = await repository.findManifest(image, v1, as);
	const {layers} = JSON.parse(found?.manifest.bytes.toString() ?? '{}') as {layers: {digest: never}[]};
	t.truthy(await readContent(await repository.openBlob(image, layers[0]!.digest, as)));
	t.is(realm.requests.length, 1);
	t.is(realm.requests[0]?.headers.authorization, basic);
	t.is(realm.requests[0]?.url, `/token?service=reg%2Cistry&scope=repository%3Alibrary%2Falpine%3Apull`);
	t.is(upstream.requests.filter(({headers}) => headers.authorization === undefined).length, 1);
	t.true(upstream.requests.every(({headers}) => headers.authorization !== basic));
});

test('who is nobody gets a token without credentials', async t => {
	const realm = await startRealm(t, ['one']);
	const world = await openRemoteWorld(t, {trustedRealms: [realm.url]});
	world.upstream.putImage(world.image, imageFixture(), ['v1']);
	wantToken(world, `${realm.url}/token`, ['one']);
	t.truthy(await world.pull('v1'));
	t.is(realm.requests[0]?.headers.authorization, undefined);
});

test('a token that is not taken any more is got anew, once', async t => {
	const tokens = ['one', 'two'];
	const {realm, upstream, image, pull, ...world} = await openTokenWorld(t, tokens);
	t.truthy(await pull('v1'));
	upstream.unscript();
	wantToken({...world, upstream, image, pull}, `${realm.url}/token`, ['two']);
	t.truthy(await pull('v2'));
	t.is(realm.requests.length, 2);
	upstream.unscript();
	wantToken({...world, upstream, image, pull}, `${realm.url}/token`, ['three']);
	const error = await t.throwsAsync(pull('v3'), {instanceOf: RegistryError});
	t.deepEqual([error?.status, error?.code], [401, 'UNAUTHORIZED']);
	t.is(realm.requests.length, 3);
});

test('many images at a time get a token each, and one at a time for each', async t => {
	const {realm, image, repository, as} = await openTokenWorld(t, ['one']);
	const tags = ['v1', 'v2', 'a', 'b', 'c'].map(tag => ({tag: parseTagName(tag)}));
	await Promise.all(tags.map(reference => repository.findManifest(image, reference, as)));
	t.is(realm.requests.length, 1);
});

test('a token service on another host gets nothing, and is not even asked, unless it is trusted', async t => {
	const {realm, pull} = await openTokenWorld(t, ['one'], {trustedRealms: []});
	const error = await t.throwsAsync(pull('v1'), {instanceOf: RegistryError});
	t.is(error?.status, 502);
	t.regex(error?.message ?? '', /trustedRealms/);
	t.is(realm.requests.length, 0);
});

test('a token service of the upstream itself need not be named', async t => {
	const world = await openRemoteWorld(t, user);
	world.upstream.putImage(world.image, imageFixture(), ['v1']);
	wantToken(world, `${world.upstream.url}/token`, ['one']);
	world.upstream.script(/^GET \/token/, (_request, response) => response.end('{"access_token":"one"}'));
	t.truthy(await world.pull('v1'));
});

test('a token service that calls its token by either name, and gives none by the other, is understood', async t => {
	for (const answer of [
		'{"token":"","access_token":"one"}',
		'{"token":null,"access_token":"one"}',
		'{"token":"one"}',
	]) {
		const {realm, pull} = await openTokenWorld(t, ['one']);
		realm.script(/./, (_request, response) => response.end(answer));
		t.truthy(await pull('v1'));
	}
});

for (const [what, body, status] of [
	['no JSON', '<html>', 200],
	['no token', '{}', 200],
	['an empty token', '{"token":"","access_token":""}', 200],
	['a token that is none', '{"token":"a\\nb"}', 200],
	['a token of megabytes', JSON.stringify({token: 'x'.repeat(1_000_000)}), 200],
	['an error', '{}', 500],
] as const) {
	test(`a token service that gives ${what} is no use`, async t => {
		const {realm, pull} = await openTokenWorld(t, ['one']);
		realm.unscript();
		realm.script(/./, (_request, response) => response.writeHead(status).end(body));
		const error = await t.throwsAsync(pull('v1'), {instanceOf: RegistryError});
		t.is(error?.status, 502, error?.message);
	});
}

test('a token service that refuses the password, or limits, is told as such', async t => {
	const {realm, pull} = await openTokenWorld(t, ['one']);
	for (const [status, code] of [
		[401, 'UNAUTHORIZED'],
		[403, 'DENIED'],
		[429, 'TOOMANYREQUESTS'],
	] as const) {
		realm.unscript();
		realm.script(/./, (_request, response) => response.writeHead(status, {'retry-after': '9'}).end());
		const error = await t.throwsAsync(pull('v1'), {instanceOf: RegistryError});
		t.deepEqual([error?.status, error?.code], [status, code]);
	}
});

test('tokens are not got where that is switched off', async t => {
	const {realm, pull} = await openTokenWorld(t, ['one'], {enableTokenAuthentication: false});
	const error = await t.throwsAsync(pull('v1'), {instanceOf: RegistryError});
	t.is(error?.status, 401);
	t.is(realm.requests.length, 0);
});

test('a password is only sent to who asks for it, and then at once', async t => {
	const {upstream, image, pull} = await openRemoteWorld(t, user);
	upstream.putImage(image, imageFixture(), ['v1', 'v2']);
	upstream.script(/./, (request, response) => {
		if (request.headers.authorization === basic) {
			upstream.answerRightly(request, response);
		} else {
			response.writeHead(401, {'www-authenticate': 'Basic realm="here"'}).end();
		}
	});
	t.truthy(await pull('v1'));
	t.truthy(await pull('v2'));
	t.deepEqual(
		upstream.requests.map(({headers}) => headers.authorization),
		[undefined, basic, basic],
	);
});

test('a wrong password is tried once', async t => {
	const {upstream, pull} = await openRemoteWorld(t, user);
	upstream.script(/./, (_request, response) =>
		response.writeHead(401, {'www-authenticate': 'Basic realm="here"'}).end(),
	);
	const error = await t.throwsAsync(pull('v1'), {instanceOf: RegistryError});
	t.is(error?.status, 401);
	t.is(upstream.requests.length, 2);
});

for (const allowAnyHostAuth of [false, true]) {
	test(`credentials ${allowAnyHostAuth ? 'go' : 'do not go'} to where blobs are redirected`, async t => {
		const storage = await ScriptedRegistry.start();
		t.teardown(() => storage.stop());
		const {upstream, image, repository, as, pull} = await openRemoteWorld(t, {...user, allowAnyHostAuth});
		const content = imageFixture({layers: 1});
		upstream.putImage(image, content, ['v1']);
		storage.putBlob('elsewhere', content.layers[0]!);
		upstream.script(/./, (request, response) => {
			if (request.headers.authorization !== basic) {
				response.writeHead(401, {'www-authenticate': 'Basic realm="here"'}).end();
			} else if (request.url?.includes('/blobs/')) {
				const location = `${storage.url}/v2/elsewhere/blobs/${content.layers[0]!.digest}`;
				response.writeHead(307, {location}).end();
			} else {
				upstream.answerRightly(request, response);
			}
		});
		await pull('v1');
		const {digest, bytes} = content.layers[0]!;
		t.deepEqual(await readContent(await repository.openBlob(image, digest, as)), bytes);
		t.is(storage.requests[0]?.headers.authorization, allowAnyHostAuth ? basic : undefined);
	});
}

test('a 401 of whoever the upstream redirects to makes us sign in nowhere', async t => {
	const other = await ScriptedRegistry.start();
	t.teardown(() => other.stop());
	other.script(/./, (_request, response) => response.writeHead(401, {'www-authenticate': 'Basic realm="x"'}).end());
	const {upstream, pull} = await openRemoteWorld(t, user);
	upstream.script(/./, (request, response) => response.writeHead(302, {location: other.url + request.url}).end());
	const error = await t.throwsAsync(pull('v1'), {instanceOf: RegistryError});
	t.is(error?.status, 401);
	t.true([...other.requests, ...upstream.requests].every(({headers}) => headers.authorization === undefined));
});

test('an upstream in a private network is not asked unless that is allowed', async t => {
	const {upstream, pull} = await openRemoteWorld(t, {allowedAddresses: []});
	const error = await t.throwsAsync(pull('v1'), {instanceOf: RegistryError});
	t.is(error?.status, 502);
	t.regex(error?.message ?? '', /allowPrivateAddresses/);
	t.is(upstream.requests.length, 0);
	const allowed = await openRemoteWorld(t, {allowedAddresses: [], allowPrivateAddresses: true});
	t.is(await allowed.pull('v1'), undefined);
	t.is(allowed.upstream.requests.length, 1);
});
