import {createHmac, generateKeyPairSync, randomBytes} from 'node:crypto';
import type {Json} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import {TokenSigner} from './token-signer.ts';
import {CompactSign, type CompactJWSHeaderParameters, UnsecuredJWT, exportJWK} from 'jose';

interface Secrets {
	readonly issuer: string;
	readonly kid: string;
	readonly secret: Uint8Array;
	/** What the signer's clock says, in seconds since 1970. */
	readonly now: number;
}

async function makeWorld(t: ExecutionContext) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	const clock = {now: Date.now()};
	const signer = await TokenSigner.open(metadata.settings, () => clock.now);
	const stored = (await metadata.settings.find('token-signing-keys')) as {
		issuer: string;
		keys: [{kid: string; secret: string}];
	};
	const [{kid, secret}] = stored.keys;
	const now = Math.floor(clock.now / 1000);
	const secrets: Secrets = {issuer: stored.issuer, kid, secret: Buffer.from(secret, 'base64'), now};
	return {metadata, clock, signer, secrets};
}

function goodClaims({issuer, now}: Secrets): Record<string, unknown> {
	return {
		iss: issuer,
		sub: `${issuer}/users/ann`,
		aud: [issuer],
		iat: now,
		nbf: now,
		exp: now + 60,
		jti: 'x',
		access: [],
	};
}

function goodHeader({kid}: Secrets): CompactJWSHeaderParameters {
	return {alg: 'HS256', kid, typ: 'at+jwt'};
}

function sign(
	claims: object,
	header: CompactJWSHeaderParameters,
	key: Parameters<CompactSign['sign']>[0],
): Promise<string> {
	return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
}

function without(claims: Record<string, unknown>, name: string): object {
	return Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));
}

function part(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}

test('a token put together by hand with the right key and claims is accepted, so that the refusals below mean something', async t => {
	const {signer, secrets} = await makeWorld(t);
	const token = await sign(goodClaims(secrets), goodHeader(secrets), secrets.secret);
	t.like(await signer.verify('access', token), {subject: 'ann', claims: {access: []}});
});

const wrongClaims: Readonly<Record<string, (claims: Record<string, unknown>, now: number) => object>> = {
	'another issuer': claims => ({...claims, iss: 'stowage@0000000000000000'}),
	'no issuer': claims => without(claims, 'iss'),
	'another audience': claims => ({...claims, aud: 'registry.example'}),
	'no audience': claims => without(claims, 'aud'),
	'no subject': claims => without(claims, 'sub'),
	'the subject of another issuer': claims => ({...claims, sub: 'other/users/ann'}),
	'a subject that is no user': claims => ({...claims, sub: `${String(claims['iss'])}/groups/ann`}),
	'no end': claims => without(claims, 'exp'),
	'an end that is text': claims => ({...claims, exp: 'never'}),
	'an end in the past': (claims, now) => ({...claims, exp: now - 1}),
	'no beginning': claims => without(claims, 'nbf'),
	'a beginning in the future': (claims, now) => ({...claims, nbf: now + 60}),
	'no identifier': claims => without(claims, 'jti'),
	'nothing at all': () => ({}),
	'a list instead of claims': () => [],
};

for (const [title, change] of Object.entries(wrongClaims)) {
	test(`a token with ${title} is refused though its signature is right`, async t => {
		const {signer, secrets} = await makeWorld(t);
		const claims = change(goodClaims(secrets), secrets.now);
		t.is(await signer.verify('access', await sign(claims, goodHeader(secrets), secrets.secret)), undefined);
	});
}

const rsa = generateKeyPairSync('rsa', {modulusLength: 2048});

const forgeries: Readonly<Record<string, (secrets: Secrets) => string | Promise<string>>> = {
	'without algorithm and signature': secrets => new UnsecuredJWT(goodClaims(secrets)).encode(),
	'that says its algorithm is none': secrets =>
		`${part({...goodHeader(secrets), alg: 'none'})}.${part(goodClaims(secrets))}.`,
	'that says NoNe and carries a signature': secrets =>
		`${part({...goodHeader(secrets), alg: 'NoNe'})}.${part(goodClaims(secrets))}.AAAA`,
	'signed with RS256 under our key id': secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), alg: 'RS256'}, rsa.privateKey),
	'signed with HS512 and our key': secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), alg: 'HS512'}, Buffer.concat([secrets.secret, secrets.secret])),
	'signed with another key under our key id': secrets =>
		sign(goodClaims(secrets), goodHeader(secrets), randomBytes(32)),
	'signed with an empty key': secrets => {
		const input = `${part(goodHeader(secrets))}.${part(goodClaims(secrets))}`;
		return `${input}.${createHmac('sha256', '').update(input).digest('base64url')}`;
	},
	'signed with a public key as if it were a secret': secrets =>
		sign(goodClaims(secrets), goodHeader(secrets), Buffer.from(rsa.publicKey.export({type: 'spki', format: 'pem'}))),
	'that brings its own key': async secrets =>
		sign(
			goodClaims(secrets),
			{...goodHeader(secrets), alg: 'RS256', jwk: await exportJWK(rsa.publicKey)},
			rsa.privateKey,
		),
	'that brings a key though it is signed with ours': async secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), jwk: await exportJWK(rsa.publicKey)}, secrets.secret),
	'that points to a key elsewhere': secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), jku: 'http://127.0.0.1:1/keys'}, secrets.secret),
	'with a certificate': secrets => sign(goodClaims(secrets), {...goodHeader(secrets), x5c: ['MIIB']}, secrets.secret),
	'with an unknown critical header': secrets =>
		`${part({...goodHeader(secrets), crit: ['x'], x: 1})}.${part(goodClaims(secrets))}.AAAA`,
	'with a path as key id': secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), kid: '../../dev/null'}, new Uint8Array(32)),
	'with SQL as key id': secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), kid: "' or 1=1 --"}, secrets.secret),
	'with __proto__ as key id': secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), kid: '__proto__'}, secrets.secret),
	'without key id': secrets => sign(goodClaims(secrets), {alg: 'HS256', typ: 'at+jwt'}, secrets.secret),
	'of another type': secrets =>
		sign(goodClaims(secrets), {...goodHeader(secrets), typ: 'stowage-refresh+jwt'}, secrets.secret),
	'without type': secrets => sign(goodClaims(secrets), {alg: 'HS256', kid: secrets.kid}, secrets.secret),
	'whose claims were widened after signing': async secrets => {
		const [header, , signature] = (await sign(goodClaims(secrets), goodHeader(secrets), secrets.secret)).split('.');
		const widened = {...goodClaims(secrets), access: [{repository: '*', image: '*', actions: ['read']}]};
		return `${header}.${part(widened)}.${signature}`;
	},
	'whose signature was cut off': async secrets =>
		(await sign(goodClaims(secrets), goodHeader(secrets), secrets.secret)).replace(/[^.]*$/, ''),
	'whose payload is not JSON': secrets =>
		new CompactSign(Buffer.from('not JSON')).setProtectedHeader(goodHeader(secrets)).sign(secrets.secret),
	'of two parts': () => 'eyJ.eyJ',
	'of five parts': () => 'a.b.c.d.e',
	'that is empty': () => '',
};

for (const [title, forge] of Object.entries(forgeries)) {
	test(`a token ${title} is refused`, async t => {
		const {signer, secrets} = await makeWorld(t);
		t.is(await signer.verify('access', await forge(secrets)), undefined);
	});
}

test('keys are made once and shared by all nodes', async t => {
	const {metadata, clock, signer} = await makeWorld(t);
	const node = await TokenSigner.open(metadata.settings, () => clock.now);
	const token = await node.sign('access', {
		subject: 'ann',
		issuedAt: clock.now,
		expiresAt: clock.now + 60_000,
		claims: {},
	});
	t.is((await signer.verify('access', token))?.subject, 'ann');
});

test('a token ends to the second', async t => {
	const {clock, signer} = await makeWorld(t);
	clock.now = 1_700_000_000_000;
	const token = await signer.sign('access', {issuedAt: clock.now, expiresAt: clock.now + 60_000, claims: {}});
	clock.now += 59_999;
	t.like(await signer.verify('access', token), {subject: undefined, expiresAt: 1_700_000_060_000});
	clock.now += 1;
	t.is(await signer.verify('access', token), undefined);
});

test('a setting that holds no keys stops the start instead of being replaced', async t => {
	const {metadata, clock} = await makeWorld(t);
	const values: readonly Json[] = [null, {}, {issuer: 'x', keys: []}, 'keys'];
	for (const value of values) {
		await metadata.settings.set('token-signing-keys', value);
		await t.throwsAsync(
			TokenSigner.open(metadata.settings, () => clock.now),
			{message: /holds no keys/},
		);
	}
});
