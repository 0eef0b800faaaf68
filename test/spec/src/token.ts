import type {Answer} from './answer.ts';
import {parseChallenge} from './challenge.ts';
import {expect} from './image-client.ts';
import type {RegistryClient, RequestMethod} from './registry-client.ts';

export interface TokenBody {
	readonly token: string;
	readonly access_token: string;
	readonly expires_in: number;
	readonly issued_at: string;
	readonly refresh_token?: string;
}

/** Asks `realm` for a token as docker does, signing in as `client` does. */
export async function askToken(
	client: RegistryClient,
	realm: string,
	query: Record<string, string | string[]>,
): Promise<Answer> {
	const parameters = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		for (const each of [value].flat()) {
			parameters.append(name, each);
		}
	}
	return client.request('GET', `${client.resolve(realm, '/')}?${parameters.toString()}`);
}

/** The client with a token good for `scopes` instead of a password. */
export async function withToken(client: RegistryClient, ...scopes: string[]): Promise<RegistryClient> {
	const answer = expect(await askToken(client, '/v2/token', {service: 'registry', scope: scopes}), 200);
	return client.as({authorization: `Bearer ${answer.json<TokenBody>().token}`});
}

/** What a client does with a 401: asks where it is told to for what it is told to ask, and tries again. */
export async function afterChallenge(client: RegistryClient, method: RequestMethod, path: string): Promise<Answer> {
	const refusal = expect(await client.as({authorization: undefined}).request(method, path), 401);
	const {realm, service, scope} = parseChallenge(refusal.need('www-authenticate'));
	const answer = await askToken(client, realm, {service, scope: scope ?? []});
	const {token} = expect(answer, 200).json<TokenBody>();
	return client.as({authorization: `Bearer ${token}`}).request(method, path);
}
