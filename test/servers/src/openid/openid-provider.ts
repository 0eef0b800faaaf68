import {once} from 'node:events';
import {type Server, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {type JWK, exportJWK, generateKeyPair} from 'jose';
import {type Configuration, type KoaContextWithOIDC, Provider} from 'oidc-provider';

/** The client that people sign in with. */
export const openidClient = 'stowage-cli';
/** For whom builds ask tokens. */
export const openidAudience = 'stowage';

const builder = {id: 'builder', secret: 'a secret of the builder'};
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const device = {id: openidClient, grants: [deviceGrant]};

export interface OpenidProviderOptions {
	/** 0 for any that is free. */
	readonly port?: number;
	/** How long ID tokens are good, in seconds. */
	readonly lifetimeSeconds?: number;
}

export interface BuildTokenRequest {
	/** Besides what every token has. */
	readonly claims?: Readonly<Record<string, unknown>>;
	readonly audience?: string;
	readonly lifetimeSeconds?: number;
}

/** An OpenID provider, on a free port of 127.0.0.1, with people and builds who get tokens over HTTP. */
export interface OpenidProvider {
	/** `http://127.0.0.1:<port>`. */
	readonly issuer: string;
	/** Requests so far, as `GET /path`. */
	readonly requests: readonly string[];
	/** Claims of people by their `sub`. */
	readonly people: Map<string, Readonly<Record<string, unknown>>>;
	/** A token as a build gets it (client credentials for a resource), with claims that its platform vouches for. */
	buildToken(request?: BuildTokenRequest): Promise<string>;
	/** What a person does in his browser: signs in as `sub` and says yes, or no, to the code that his device shows. */
	approve(userCode: string, sub: string, allow?: boolean): Promise<void>;
	/** Signs with another key from now on, and shows only that one. */
	rotateKey(): Promise<void>;
	/** Ends the server; it can be started again. */
	pause(): Promise<void>;
	resume(): Promise<void>;
	stop(): Promise<void>;
}

interface Wanted {
	request: BuildTokenRequest;
}

/** `oidc-provider` from npm in this process, with what needs a browser done by calls. */
export async function startOpenidProvider(options: OpenidProviderOptions = {}): Promise<OpenidProvider> {
	const requests: string[] = [];
	const people = new Map<string, Readonly<Record<string, unknown>>>();
	const wanted: Wanted = {request: {}};
	let provider: Provider | undefined;
	let server = await listen(options.port ?? 0, requests, () => provider);
	const {port} = server.address() as AddressInfo;
	const issuer = `http://127.0.0.1:${port}`;
	const renew = async () => {
		provider = new Provider(issuer, configurationOf(await makeKey(), {people, wanted, ...options}));
	};
	await renew();
	return {
		issuer,
		requests,
		people,
		async buildToken(request = {}) {
			wanted.request = request;
			return requestBuildToken(issuer, request.audience ?? openidAudience);
		},
		approve: async (userCode, sub, allow = true) => approve(provider as Provider, {userCode, sub, allow}),
		rotateKey: renew,
		pause: () => close(server),
		async resume() {
			server = await listen(port, requests, () => provider);
		},
		stop: () => close(server),
	};
}

async function listen(port: number, requests: string[], current: () => Provider | undefined): Promise<Server> {
	const server = createServer((request, response) => {
		requests.push(`${request.method} ${request.url}`);
		const handle = current()?.callback();
		if (handle === undefined) {
			response.writeHead(503).end();
		} else {
			void handle(request, response);
		}
	}).listen(port, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

async function close(server: Server): Promise<void> {
	if (server.listening) {
		const closed = once(server, 'close');
		server.close();
		server.closeAllConnections();
		await closed;
	}
}

async function makeKey(): Promise<JWK> {
	const {privateKey} = await generateKeyPair('ES256', {extractable: true});
	return {...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: crypto.randomUUID()};
}

interface ConfigurationParts extends OpenidProviderOptions {
	readonly people: OpenidProvider['people'];
	readonly wanted: Wanted;
}

function configurationOf(key: JWK, {people, wanted, lifetimeSeconds = 600}: ConfigurationParts): Configuration {
	return {
		jwks: {keys: [key]},
		clients: [
			{
				client_id: device.id,
				token_endpoint_auth_method: 'none',
				grant_types: device.grants,
				response_types: [],
				redirect_uris: [],
				id_token_signed_response_alg: 'ES256',
			},
			{
				client_id: builder.id,
				client_secret: builder.secret,
				grant_types: ['client_credentials'],
				response_types: [],
				redirect_uris: [],
				id_token_signed_response_alg: 'ES256',
			},
		],
		enabledJWA: {idTokenSigningAlgValues: ['ES256']},
		conformIdTokenClaims: false,
		claims: {openid: ['sub'], profile: ['preferred_username', 'groups', 'name'], email: ['email', 'email_verified']},
		ttl: {
			IdToken: lifetimeSeconds,
			DeviceCode: 600,
			Grant: 3600,
			AccessToken: 3600,
			ClientCredentials: () => wanted.request.lifetimeSeconds ?? 600,
		},
		findAccount: (_context: KoaContextWithOIDC, sub: string) => {
			const claims = people.get(sub);
			return claims && {accountId: sub, claims: () => ({sub, ...claims})};
		},
		extraTokenClaims: () => ({...wanted.request.claims}),
		features: {
			devInteractions: {enabled: false},
			deviceFlow: {enabled: true},
			clientCredentials: {enabled: true},
			resourceIndicators: {
				enabled: true,
				getResourceServerInfo: (_context: KoaContextWithOIDC, resource: string) => ({
					scope: '',
					audience: decodeURIComponent(new URL(resource).pathname.slice(1)),
					accessTokenFormat: 'jwt' as const,
					jwt: {sign: {alg: 'ES256' as const}},
				}),
			},
		},
	};
}

async function requestBuildToken(issuer: string, audience: string): Promise<string> {
	const answer = await fetch(`${issuer}/token`, {
		method: 'POST',
		headers: {authorization: `Basic ${btoa(`${builder.id}:${encodeURIComponent(builder.secret)}`)}`},
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			resource: `https://resource.example/${encodeURIComponent(audience)}`,
		}),
	});
	const {access_token: token} = (await answer.json()) as {readonly access_token?: string};
	if (token === undefined) {
		throw new Error(`the provider gives no token to a build: ${answer.status}`);
	}
	return token;
}

async function approve(
	provider: Provider,
	{userCode, sub, allow}: {readonly userCode: string; readonly sub: string; readonly allow: boolean},
): Promise<void> {
	const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll('-', ''), {ignoreExpiration: false});
	if (code === undefined) {
		throw new Error('the provider knows no such code');
	}
	if (allow) {
		const grant = new provider.Grant({accountId: sub, clientId: device.id});
		grant.addOIDCScope('openid profile email');
		grant.addOIDCClaims(['preferred_username', 'groups', 'email', 'email_verified']);
		Object.assign(code, {
			accountId: sub,
			grantId: await grant.save(),
			scope: 'openid profile email',
			claims: {},
			authTime: Math.floor(Date.now() / 1000),
		});
	} else {
		Object.assign(code, {error: 'access_denied', errorDescription: 'he said no'});
	}
	await code.save();
}
