import {startOpenidProvider} from '@stowage/test-servers/openid';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {type Given, completed} from './fixtures/crooked-provider.ts';
import {OidcAuthenticator} from './oidc-authenticator.ts';

async function makeWorld(t: ExecutionContext, more: Given) {
	const provider = await startOpenidProvider();
	t.teardown(() => provider.stop());
	const clock = {aheadMs: 0};
	const options = completed(provider.issuer, more);
	const authenticator = new OidcAuthenticator(options, {
		name: 'ci',
		logger: silentLogger,
		now: () => Date.now() + clock.aheadMs,
	});
	t.teardown(() => authenticator.close());
	return {provider, clock, verify: (token: string) => authenticator.verifyToken(token)};
}

const main = {
	name: 'main',
	claims: {repository: ['team/*', 'other/app'], ref: 'refs/heads/main'},
	username: 'robot',
	scope: 'artifact:docker-dev/team/**:r,w',
	expiresInSeconds: 300,
};
const reading = {
	name: 'any',
	claims: {repository: '*'},
	scope: 'applied-permissions/groups:readers',
	expiresInSeconds: 600,
};

test('a build gets what the first mapping says that its token fits', async t => {
	const {provider, verify} = await makeWorld(t, {mappings: [main, reading]});
	const worth = async (claims: object) => (await verify(await provider.buildToken({claims: {...claims}})))?.grant;
	t.deepEqual(await worth({repository: 'team/app', ref: 'refs/heads/main'}), {
		subject: 'robot',
		scope: main.scope,
		lifetimeSeconds: 300,
		description: 'ci, mapping main',
	});
	t.is((await worth({repository: 'other/app', ref: 'refs/heads/main'}))?.subject, 'robot');
	for (const claims of [
		{repository: 'team/app', ref: 'refs/heads/main2'},
		{repository: 'team/app'},
		{repository: 'x/team/app', ref: 'refs/heads/main'},
		{repository: 'TEAM/app', ref: 'refs/heads/main'},
	]) {
		t.is((await worth(claims))?.subject, 'ci/any', JSON.stringify(claims));
	}
	t.is(await worth({ref: 'refs/heads/main'}), undefined);
	t.truthy(await verify(await provider.buildToken()));
});

test('a token for somebody else, or one that has expired, is refused', async t => {
	const {provider, verify, clock} = await makeWorld(t, {mappings: [reading]});
	const claims = {repository: 'a'};
	t.is(await verify(await provider.buildToken({claims, audience: 'another registry'})), undefined);
	const token = await provider.buildToken({claims, lifetimeSeconds: 60});
	t.truthy(await verify(token));
	clock.aheadMs += 3_600_000;
	t.is(await verify(token), undefined);
});

test('keys are asked for once, and again at once when the provider has changed them', async t => {
	const {provider, verify, clock} = await makeWorld(t, {mappings: [reading]});
	const claims = {repository: 'a'};
	const old = await provider.buildToken({claims});
	await Promise.all(Array.from({length: 10}, async () => t.truthy(await verify(old))));
	const asked = () => provider.requests.filter(request => request === 'GET /jwks').length;
	t.is(asked(), 1);
	clock.aheadMs += 20_000;
	await provider.rotateKey();
	t.truthy(await verify(await provider.buildToken({claims})));
	t.is(asked(), 2);
	t.is(await verify(old), undefined);
	t.is(asked(), 2);
});

test('while the provider is not there its keys hold, and without any it cannot be said who somebody is', async t => {
	const {provider, verify, clock} = await makeWorld(t, {mappings: [reading], keysSeconds: 10});
	const token = await provider.buildToken({claims: {repository: 'a'}, lifetimeSeconds: 86_400});
	await provider.pause();
	await t.throwsAsync(verify(token));
	await provider.resume();
	t.truthy(await verify(token));
	await provider.pause();
	clock.aheadMs += 60_000;
	t.truthy(await verify(token));
	clock.aheadMs += 3_600_000;
	await t.throwsAsync(verify(token));
});
