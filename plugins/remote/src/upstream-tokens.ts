import type {OutboundClient} from '@stowage/core/outbound';
import {LRUCache} from 'lru-cache';
import type {BearerChallenge} from './bearer-challenge.ts';
import {UpstreamError, fromOutbound, fromStatus, rubbish} from './upstream-error.ts';
import type {UpstreamAddress} from './upstream-address.ts';

export interface UpstreamTokensParts {
	readonly client: OutboundClient;
	readonly address: UpstreamAddress;
	/** Value of `Authorization` for the token service; undefined for nobody. */
	readonly basic?: string;
	readonly withinMs: number;
}

/** Tokens without a lifetime are good for a minute (the distribution project's token specification). */
const usualSeconds = 60;
const longestSeconds = 3600;
const mostScopes = 8;
const remembered = 10_000;
/** How long a token that was refused when it was new keeps others from being got, which would fare no better. */
const refusedMs = 60_000;

/** Tokens of the upstream by what they are for. One is got at a time for each, and kept until shortly before its end. */
export class UpstreamTokens {
	readonly #parts: UpstreamTokensParts;
	readonly #tokens = new LRUCache<string, string>({max: remembered});
	readonly #refused = new LRUCache<string, string>({max: remembered, ttl: refusedMs});
	readonly #getting = new Map<string, Promise<string>>();

	constructor(parts: UpstreamTokensParts) {
		this.#parts = parts;
	}

	find(scope: string): string | undefined {
		return this.#tokens.get(scope);
	}

	/** Forgets one that the upstream does not take any more. */
	forget(scope: string, token: string): void {
		if (this.#tokens.get(scope) === token) {
			this.#tokens.delete(scope);
		}
	}

	/** Remembers that the upstream has refused one that was new. */
	noteRefused(scope: string, token: string): void {
		this.#refused.set(scope, token);
	}

	/** Whether the upstream has refused this one when it was new, a short while ago. */
	wasRefused(scope: string, token: string): boolean {
		return this.#refused.get(scope) === token;
	}

	/** Gets a token as the challenge says. Rejects with `UpstreamError`. */
	async get(scope: string, challenge: BearerChallenge): Promise<string> {
		const known = this.#getting.get(scope);
		if (known !== undefined) {
			return known;
		}
		const getting = this.#get(scope, challenge).finally(() => this.#getting.delete(scope));
		this.#getting.set(scope, getting);
		return getting;
	}

	async #get(scope: string, challenge: BearerChallenge): Promise<string> {
		const {client, basic, withinMs} = this.#parts;
		const url = this.#tokenUrl(scope, challenge);
		const request = {method: 'GET', url, authorization: basic, headers: {accept: 'application/json'}} as const;
		try {
			const answer = await client.fetch(request, {maxBytes: 262_144, withinMs});
			if (answer.status !== 200) {
				// Some give nobody a token for what he may not see; who has no credentials can have no wrong ones.
				throw fromStatus(answer, url, answer.status === 403 && basic === undefined);
			}
			const {token, seconds} = parseAnswer(answer.bytes);
			this.#tokens.set(scope, token, {ttl: seconds * 900});
			return token;
		} catch (error) {
			throw fromOutbound(error, url);
		}
	}

	#tokenUrl(scope: string, challenge: BearerChallenge): URL {
		const url = URL.parse(challenge.realm);
		if (url === null) {
			throw rubbish('names a token service that is no address');
		}
		if (!this.#parts.address.trustsRealm(url)) {
			const message = `the upstream wants a token from ${url.origin}, which is another host: allow it by "trustedRealms"`;
			throw new UpstreamError('forbidden', 'UNAVAILABLE', message, {status: 502});
		}
		if (challenge.service !== undefined) {
			url.searchParams.set('service', challenge.service);
		}
		for (const one of (challenge.scope || scope).split(' ').slice(0, mostScopes)) {
			url.searchParams.append('scope', one);
		}
		return url;
	}
}

function parseAnswer(bytes: Buffer): {readonly token: string; readonly seconds: number} {
	let answer: {token?: unknown; access_token?: unknown; expires_in?: unknown} | null;
	try {
		answer = JSON.parse(bytes.toString()) as typeof answer;
	} catch (cause) {
		throw new UpstreamError('rubbish', 'UNAVAILABLE', 'the token service of the upstream gives no token', {
			status: 502,
			cause,
		});
	}
	const token = [answer?.token, answer?.access_token].find(one => typeof one === 'string' && one !== '');
	if (typeof token !== 'string' || !/^[\x21-\x7e]{1,32768}$/.test(token)) {
		throw rubbish('has a token service that gives no token');
	}
	const seconds = typeof answer?.expires_in === 'number' ? answer.expires_in : usualSeconds;
	return {token, seconds: Math.min(Math.max(seconds, 1), longestSeconds)};
}
