import test from 'ava';
import {makeCrookedProvider} from './fixtures/crooked-provider.ts';

const wrong: Readonly<
	Record<string, {readonly discovery?: object; readonly keys?: unknown; readonly status?: number}>
> = {
	'calls itself otherwise': {discovery: {issuer: 'https://other.example'}},
	'names no keys': {discovery: {jwks_uri: undefined}},
	'names keys in a file': {discovery: {jwks_uri: 'file:///etc/passwd'}},
	'names keys at a service of clouds': {discovery: {jwks_uri: 'http://169.254.169.254/latest'}},
	'answers with an error': {status: 500},
	'sends somebody elsewhere without saying where': {status: 302},
	'has keys that are no list': {keys: {}},
	'has too many keys': {keys: Array.from({length: 101}, () => ({kty: 'EC'}))},
	'never ends its answer': {discovery: {more: 'x'.repeat(300_000)}},
};

for (const [what, said] of Object.entries(wrong)) {
	test(`a provider that ${what} cannot be asked, and works once it is mended`, async t => {
		const provider = await makeCrookedProvider(t);
		const before = {...provider.said};
		Object.assign(provider.said, said);
		const token = await provider.sign();
		await t.throwsAsync(provider.verify(token));
		Object.assign(provider.said, {...before, requests: 0});
		t.truthy(await provider.verify(token));
	});
}

test('a provider in a private network is not asked unless that is allowed', async t => {
	const refused = await makeCrookedProvider(t, {allowPrivateAddresses: false});
	await t.throwsAsync(refused.verify(await refused.sign()), {code: 'address-refused'});
	t.is(refused.said.requests, 0);
	const allowed = await makeCrookedProvider(t, {allowPrivateAddresses: false, allowedAddresses: ['127.0.0.1']});
	t.truthy(await allowed.verify(await allowed.sign()));
});

test('keys of a kind that nobody knows leave the others good', async t => {
	const provider = await makeCrookedProvider(t);
	provider.said.keys = [{kty: 'future', kid: 'x'}, null, 7, provider.key.jwk];
	t.truthy(await provider.verify(await provider.sign()));
});

test('for who has left already no keys are read, and nothing fails behind him', async t => {
	const provider = await makeCrookedProvider(t);
	const token = await provider.sign();
	const signal = AbortSignal.abort(new Error('left'));
	await t.throwsAsync(provider.verify(token, {signal}), {message: 'left'});
	t.is(provider.said.requests, 0);
	t.truthy(await provider.verify(token));
});
