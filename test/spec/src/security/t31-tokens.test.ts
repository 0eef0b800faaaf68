import {createHmac, generateKeyPairSync, randomBytes, sign} from 'node:crypto';
import {answered, refused} from '../assertions.ts';
import type {RegistryClient} from '../registry-client.ts';
import {type SpecWorld, specification} from '../specification.ts';
import {askToken, type TokenBody, withToken} from '../token.ts';

const specify = specification();

interface Parts {
	readonly header: Record<string, unknown>;
	readonly payload: Record<string, unknown>;
	readonly signature: string;
}

/** A token of ours, to pull `image`, taken apart. */
async function parts({client, image}: SpecWorld): Promise<Parts> {
	await image.pushImage('latest');
	const bearer = await withToken(client, `repository:${image.name}:pull`);
	const [header = '', payload = '', signature = ''] =
		bearer.options.authorization?.slice('Bearer '.length).split('.') ?? [];
	return {header: decode(header), payload: decode(payload), signature};
}

function decode(text: string): Record<string, unknown> {
	return JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
}

function encode(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function hmac(header: object, payload: object, secret: string | Buffer, algorithm = 'sha256'): string {
	const text = `${encode(header)}.${encode(payload)}`;
	return `${text}.${createHmac(algorithm, secret).update(text).digest('base64url')}`;
}

function holder(client: RegistryClient, token: string): RegistryClient {
	return client.as({authorization: `Bearer ${token}`});
}

/** What an attacker makes of a real token, by name. */
function forgeries({header, payload, signature}: Parts): readonly (readonly [what: string, token: string])[] {
	const signed = `${encode(header)}.${encode(payload)}`;
	const later = {...payload, exp: Math.floor(Date.now() / 1000) + 1_000_000};
	const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
	const jwk = publicKey.export({format: 'jwk'});
	const rsa = (head: object) => {
		const text = `${encode(head)}.${encode(later)}`;
		return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
	};
	return [
		['without a signature', `${signed}.`],
		['without a part', signed],
		['with half a signature', `${signed}.${signature.slice(0, -10)}`],
		['with another signature', `${signed}.${randomBytes(32).toString('base64url')}`],
		['of algorithm none', `${encode({...header, alg: 'none'})}.${encode(payload)}.`],
		[
			'of algorithm None, with the old signature',
			`${encode({...header, alg: 'None'})}.${encode(payload)}.${signature}`,
		],
		['without an algorithm', `${encode({...header, alg: undefined})}.${encode(payload)}.${signature}`],
		['that lasts longer', `${encode(header)}.${encode(later)}.${signature}`],
		['for everybody', `${encode(header)}.${encode({...payload, sub: 'admin', admin: true, scope: '*'})}.${signature}`],
		['signed with nothing', hmac(header, payload, '')],
		['signed with the key id', hmac(header, payload, String(header['kid']))],
		['signed with "secret"', hmac(header, payload, 'secret')],
		['signed with SHA-512', hmac({...header, alg: 'HS512'}, payload, 'secret', 'sha512')],
		['with a key of its own', rsa({alg: 'RS256', typ: header['typ'], jwk, kid: header['kid']})],
		['with a key to be fetched', rsa({alg: 'RS256', typ: header['typ'], jku: 'http://127.0.0.1:1/keys', kid: 'x'})],
		['with a certificate of its own', rsa({alg: 'RS256', typ: header['typ'], x5c: ['AAAA'], kid: header['kid']})],
		['signed with its public key as a secret', hmac({...header, alg: 'HS256', jwk}, later, JSON.stringify(jwk))],
		['with a key id that is a path', hmac({...header, kid: '../../../../dev/null'}, payload, '')],
		['with a key id that is a query', hmac({...header, kid: "' UNION SELECT 'secret' --"}, payload, 'secret')],
		['with a key id of every object', hmac({...header, kid: '__proto__'}, payload, '')],
		['that must be understood and is not', hmac({...header, crit: ['x'], x: 1}, payload, 'secret')],
	];
}

specify('T31: a real token opens what it is for', async (t, world) => {
	const {header, payload, signature} = await parts(world);
	const token = `${encode(header)}.${encode(payload)}.${signature}`;
	answered(t, await holder(world.client, token).request('GET', `${world.image.base}/manifests/latest`), 200);
	t.true(typeof payload['exp'] === 'number' && payload['exp'] > Date.now() / 1000);
});

specify('T31: no forged token opens anything', async (t, world) => {
	for (const [what, token] of forgeries(await parts(world))) {
		const forger = holder(world.client, token);
		for (const path of [`${world.image.base}/manifests/latest`, '/v2/', '/v2/_catalog']) {
			const answer = await forger.request('GET', path);
			t.is(answer.status, 401, `a token ${what}: ${path}`);
			t.deepEqual(
				answer.errors().map(error => error.code),
				['UNAUTHORIZED'],
			);
		}
	}
});

specify('T31: what is no token at all is refused, and no trouble', async (t, {client}) => {
	for (const authorization of [
		'Bearer',
		'Bearer ',
		'Bearer .',
		'Bearer ..',
		'Bearer a.b.c',
		`Bearer ${'a'.repeat(6000)}`,
		`Bearer ${'.'.repeat(5000)}`,
		'Bearer eyJhbGciOiJIUzI1NiJ9.e30.',
		'Basic',
		'Basic !!!',
		`Basic ${Buffer.from('no colon').toString('base64')}`,
		`Basic ${Buffer.from(':').toString('base64')}`,
		`Basic ${Buffer.from('\u0000:\u0000').toString('base64')}`,
		`Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xff]).toString('base64')}`,
		'Digest username="admin"',
		'Negotiate AAAA',
		'nonsense',
		',',
	]) {
		const answer = await client.as({authorization}).request('GET', '/v2/');
		refused(t, answer, [400, 401], 'UNAUTHORIZED', 'UNSUPPORTED');
	}
});

specify('T31: the names of the two schemes are known in any case', async (t, {client, image}) => {
	const bearer = await withToken(client, `repository:${image.name}:pull`);
	const token = bearer.options.authorization?.slice('Bearer '.length);
	for (const authorization of [
		`bearer ${token}`,
		`BEARER ${token}`,
		client.options.authorization?.replace('Basic', 'basic'),
	]) {
		answered(t, await client.as({authorization}).request('GET', '/v2/'), 200);
	}
});

specify('T31: a token is good for what it says, whatever its holder asks for', async (t, {client, image, newImage}) => {
	const other = newImage();
	await image.pushImage('latest');
	await other.pushImage('latest');
	const bearer = await withToken(client, `repository:${image.name}:pull`);
	answered(t, await bearer.request('GET', `${image.base}/manifests/latest`), 200);
	t.true([401, 403].includes((await bearer.request('GET', `${other.base}/manifests/latest`)).status));
	t.true([401, 403].includes((await bearer.request('POST', `${image.base}/blobs/uploads/`)).status));
	const wider = await askToken(bearer, '/v2/token', {service: 's', scope: `repository:${other.name}:pull,push`});
	if (wider.status === 200) {
		const widened = holder(client, wider.json<TokenBody>().token);
		t.true([401, 403].includes((await widened.request('GET', `${other.base}/manifests/latest`)).status));
	} else {
		refused(t, wider, [400, 401, 403], 'UNAUTHORIZED', 'DENIED', 'UNSUPPORTED');
	}
});

specify('T31: a token that lacks the scope is told so in a challenge that names it', async (t, {client, image}) => {
	const bearer = await withToken(client, `repository:${image.name}:pull`);
	const answer = await bearer.request('POST', `${image.base}/blobs/uploads/`);
	refused(t, answer, 401, 'UNAUTHORIZED', 'DENIED');
	const challenge = answer.need('www-authenticate');
	t.regex(challenge, new RegExp(`scope="repository:${image.name}:[a-z,]*push`));
	t.regex(challenge, /error="insufficient_scope"/);
});

specify('T31: two tokens are never the same', async (t, {client, image}) => {
	const scope = `repository:${image.name}:pull`;
	const [one, other] = [await withToken(client, scope), await withToken(client, scope)];
	t.not(one.options.authorization, other.options.authorization);
});
