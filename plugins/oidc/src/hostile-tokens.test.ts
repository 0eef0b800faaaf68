import test from 'ava';
import {CompactSign, type JWTPayload, UnsecuredJWT, exportSPKI, importJWK} from 'jose';
import {type SigningKey, makeCrookedProvider, makeSigningKey} from './fixtures/crooked-provider.ts';

const hour = 3600;
const now = Math.floor(Date.now() / 1000);

const refused: Readonly<Record<string, JWTPayload>> = {
	'of another issuer': {iss: 'https://other.example'},
	'whose issuer has a slash more': {iss: 'http://127.0.0.1/'},
	'for another audience': {aud: 'stowage2'},
	'without an audience': {aud: undefined},
	'for us and for somebody else': {aud: ['stowage', 'other']},
	'for us and for somebody else, given to him': {aud: ['stowage', 'other'], azp: 'other'},
	'that has expired': {exp: now - hour, iat: now - 2 * hour},
	'that never expires': {exp: undefined},
	'that is not valid yet': {nbf: now + hour},
	'of the future': {iat: now + hour, exp: now + 2 * hour},
	'without a time of issue': {iat: undefined},
	'without a subject': {sub: undefined},
	'with an empty subject': {sub: ''},
	'whose expiry is a text': {exp: String(now + hour) as unknown as number},
};

for (const [what, claims] of Object.entries(refused)) {
	test(`a token ${what} is refused`, async t => {
		const {sign, verify} = await makeCrookedProvider(t);
		t.is(await verify(await sign(claims)), undefined);
		t.is((await verify(await sign()))?.user?.name, 'ann');
	});
}

test('a token for us and for somebody else, given to us, is good', async t => {
	const {sign, verify} = await makeCrookedProvider(t);
	t.truthy(await verify(await sign({aud: ['stowage', 'other'], azp: 'stowage'})));
});

test('a token that is not signed, or with the public key as a secret, is refused', async t => {
	const {issuer, key, verify, said} = await makeCrookedProvider(t, {algorithms: ['ES256', 'RS256']});
	const payload = {iss: issuer, sub: 'u1', aud: 'stowage', iat: now, exp: now + hour, preferred_username: 'ann'};
	t.is(await verify(new UnsecuredJWT(payload).encode()), undefined);
	const publicKey = await importJWK({...key.jwk, ext: true}, 'ES256', {extractable: true});
	for (const secret of [await exportSPKI(publicKey as SigningKey['privateKey']), JSON.stringify(key.jwk)]) {
		const bytes = Buffer.from(JSON.stringify(payload));
		const signer = new CompactSign(bytes).setProtectedHeader({alg: 'HS256', kid: key.kid});
		t.is(await verify(await signer.sign(Buffer.from(secret))), undefined);
	}
	said.keys = [{kty: 'oct', k: Buffer.from('x'.repeat(32)).toString('base64url'), kid: key.kid, alg: 'HS256'}];
	const shared = new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({alg: 'HS256', kid: key.kid});
	t.is(await verify(await shared.sign(Buffer.from('x'.repeat(32)))), undefined);
});

test('a token that brings its key, or says where it is, is refused', async t => {
	const {sign, verify} = await makeCrookedProvider(t);
	const own = await makeSigningKey('first');
	t.is(await verify(await sign({}, {}, own)), undefined);
	t.is(await verify(await sign({}, {jwk: own.jwk}, own)), undefined);
	t.is(await verify(await sign({}, {jku: 'https://attacker.example/jwks'}, own)), undefined);
	t.is(await verify(await sign({}, {kid: '../../etc/passwd'}, own)), undefined);
	t.is(await verify(await sign({}, {crit: ['x'], x: 1}).catch(() => 'a.b.c')), undefined);
});

test('an algorithm that is not allowed is refused, even with a key of the provider', async t => {
	const {verify, sign, said} = await makeCrookedProvider(t, {algorithms: ['RS256']});
	t.is(await verify(await sign()), undefined);
	t.true(said.requests > 0);
});

test('tokens with keys that nobody knows do not make us ask the provider again and again', async t => {
	const {verify, sign, said, clock} = await makeCrookedProvider(t);
	const own = await makeSigningKey('other');
	for (let tries = 0; tries < 20; tries++) {
		t.is(await verify(await sign({}, {}, own)), undefined);
	}
	t.is(said.requests, 2);
	clock.now += 11_000;
	said.keys = [own.jwk];
	t.truthy(await verify(await sign({}, {}, own)));
	t.is(said.requests, 4);
});

test('people are told with their groups, and their address only where it was verified', async t => {
	const {verify, sign} = await makeCrookedProvider(t, {groupsClaim: 'groups', emailClaim: 'email'});
	const claims = {groups: ['b', 'a', 'a', 7, {}, ''], email: 'ann@example.org', email_verified: true};
	t.deepEqual((await verify(await sign(claims)))?.user, {
		name: 'ann',
		externalId: 'u1',
		email: 'ann@example.org',
		groups: ['7', 'a', 'b'],
	});
	for (const verified of [false, 'true', undefined]) {
		t.is((await verify(await sign({...claims, email_verified: verified})))?.user?.email, undefined);
	}
	t.deepEqual((await verify(await sign({groups: 'one'})))?.user?.groups, ['one']);
});

test('without a claim for names tokens of people are worth nothing', async t => {
	const {verify, sign} = await makeCrookedProvider(t, {usernameClaim: undefined});
	t.like(await verify(await sign()), {user: undefined, grant: undefined});
	const named = await makeCrookedProvider(t);
	for (const name of [undefined, '', 7, ['ann'], {}]) {
		t.is((await named.verify(await named.sign({preferred_username: name})))?.user, undefined);
	}
});
