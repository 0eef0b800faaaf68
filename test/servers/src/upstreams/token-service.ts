import {createHash, randomUUID, sign} from 'node:crypto';
import {X509Certificate} from 'node:crypto';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';

export interface TokenRequest {
	readonly service: string | null;
	readonly scopes: readonly string[];
	readonly authorization: string | undefined;
}

export interface TokenService {
	/** `http://127.0.0.1:<port>/token`. */
	readonly realm: string;
	/** File of the certificate that a registry verifies its tokens by. */
	readonly certificate: string;
	readonly issuer: string;
	readonly service: string;
	readonly requests: readonly TokenRequest[];
	stop(): Promise<void>;
}

export interface TokenServiceOptions {
	/** The only user; everybody else gets tokens that are good for nothing. */
	readonly username: string;
	readonly password: string;
	/** 300 unless told. */
	readonly lifetimeSeconds?: number;
}

const issuer = 'test-token-service';
const service = 'test-registry';
const lettersOfKeyId = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A token service as the distribution project's token specification has it, for registries that trust its certificate. */
export async function startTokenService(options: TokenServiceOptions): Promise<TokenService> {
	const certificate = join(import.meta.dirname, 'token-service.crt');
	const key = await readFile(join(import.meta.dirname, 'token-service.key'), 'utf8');
	const kid = keyIdOf(new X509Certificate(await readFile(certificate)));
	const requests: TokenRequest[] = [];
	const basic = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`;
	const answer = ({url = '', headers}: IncomingMessage, response: ServerResponse) => {
		const query = new URL(url, 'http://unused').searchParams;
		const request = {
			service: query.get('service'),
			scopes: query.getAll('scope'),
			authorization: headers.authorization,
		};
		requests.push(request);
		if (headers.authorization !== undefined && headers.authorization !== basic) {
			response.writeHead(401).end();
			return;
		}
		const {lifetimeSeconds = 300} = options;
		const scopes = headers.authorization === basic ? request.scopes : [];
		const token = makeToken(scopes, {key, kid, lifetimeSeconds});
		const body = {token, expires_in: lifetimeSeconds, issued_at: new Date().toISOString()};
		response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify(body));
	};
	const server = createServer(answer).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	return {
		realm: `http://127.0.0.1:${port}/token`,
		certificate,
		issuer,
		service,
		requests,
		async stop() {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
}

interface Signing {
	readonly key: string;
	readonly kid: string;
	readonly lifetimeSeconds: number;
}

function makeToken(scopes: readonly string[], {key, kid, lifetimeSeconds}: Signing): string {
	const now = Math.floor(Date.now() / 1000);
	const access = scopes.map(scope => {
		const [type = '', ...rest] = scope.split(':');
		return {type, name: rest.slice(0, -1).join(':'), actions: rest.at(-1)?.split(',') ?? []};
	});
	const claims = {
		iss: issuer,
		sub: 'robot',
		aud: service,
		exp: now + lifetimeSeconds,
		nbf: now - 10,
		iat: now,
		jti: randomUUID(),
		access,
	};
	const text = [{typ: 'JWT', alg: 'ES256', kid}, claims]
		.map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
		.join('.');
	const signature = sign('sha256', Buffer.from(text), {key, dsaEncoding: 'ieee-p1363'});
	return `${text}.${signature.toString('base64url')}`;
}

/** As libtrust names keys: the first 240 bits of the SHA-256 of the public key, in base 32, four letters at a time. */
function keyIdOf({publicKey}: X509Certificate): string {
	const bytes = createHash('sha256')
		.update(publicKey.export({type: 'spki', format: 'der'}))
		.digest()
		.subarray(0, 30);
	const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('');
	const letters = bits.match(/.{5}/g)?.map(five => lettersOfKeyId[Number.parseInt(five, 2)]) ?? [];
	return letters.join('').match(/.{4}/g)?.join(':') ?? '';
}
