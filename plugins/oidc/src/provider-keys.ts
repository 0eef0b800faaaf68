import type {Abortable, Logger} from '@stowage/core';
import type {OutboundClient} from '@stowage/core/outbound';
import type {JSONWebKeySet} from 'jose';
import {createLocalJWKSet} from 'jose/jwks/local';
import type {OidcOptions} from './options.ts';

/** More than any provider has. */
const largestAnswer = 256 * 1024;
const mostKeys = 100;
/** How often at most keys are looked for because of a token that was signed with one that is not known: anybody can make those. */
const lookAgainMs = 10_000;
/** How long keys are used when newer ones cannot be had. */
const longestMs = 3_600_000;

/** The provider does not say what the specification wants it to say. */
export class ProviderError extends Error {
	override readonly name = 'ProviderError';
	readonly code = 'PROVIDER_FAILED';
}

/** Finds the key of a token's header, or throws as jose does. */
export type FindKey = ReturnType<typeof createLocalJWKSet>;

interface Known {
	readonly find: FindKey;
	/** Milliseconds since 1970. */
	readonly readAt: number;
}

export interface ProviderKeysParts {
	readonly options: OidcOptions;
	readonly client: OutboundClient;
	readonly logger: Logger;
	readonly now: () => number;
}

/** The public keys of a provider, found by OpenID Connect Discovery 1.0, and read again when they are old or one is missing. */
export class ProviderKeys {
	readonly #parts: ProviderKeysParts;
	#known: Known | undefined;
	#triedAt = -Infinity;
	#reading: Promise<Known> | undefined;

	constructor(parts: ProviderKeysParts) {
		this.#parts = parts;
	}

	/** Rejects when there are none that may be used. */
	async current({signal}: Abortable = {}): Promise<FindKey> {
		const {options, now, logger} = this.#parts;
		const age = now() - (this.#known?.readAt ?? -Infinity);
		if (this.#known !== undefined && age < options.keysSeconds * 1000) {
			return this.#known.find;
		}
		try {
			return (await this.#read(signal)).find;
		} catch (error) {
			if (this.#known === undefined || age >= longestMs || signal?.aborted === true) {
				throw error;
			}
			logger.warn({err: error}, 'the keys of an OpenID provider could not be read again');
			return this.#known.find;
		}
	}

	/** Keys that were read after those that `missed`; undefined when they were just looked for. */
	async newer(missed: FindKey, {signal}: Abortable = {}): Promise<FindKey | undefined> {
		if (this.#known !== undefined && this.#known.find !== missed) {
			return this.#known.find;
		}
		return this.#parts.now() - this.#triedAt < lookAgainMs ? undefined : (await this.#read(signal)).find;
	}

	/** Shared by all who want them while they are read, so no client's leaving ends it. */
	async #read(signal: AbortSignal | undefined): Promise<Known> {
		signal?.throwIfAborted();
		this.#reading ??= this.#readNow().finally(() => {
			this.#reading = undefined;
		});
		const left = Promise.withResolvers<never>();
		const leave = () => left.reject(signal?.reason as Error);
		signal?.addEventListener('abort', leave, {once: true});
		try {
			return await Promise.race([this.#reading, left.promise]);
		} finally {
			signal?.removeEventListener('abort', leave);
		}
	}

	async #readNow(): Promise<Known> {
		const {now} = this.#parts;
		const readAt = now();
		this.#triedAt = readAt;
		const keys = await this.#fetch(await this.#keysAddress());
		const known = {find: createLocalJWKSet(checkKeys(keys)), readAt};
		this.#known = known;
		return known;
	}

	async #keysAddress(): Promise<URL> {
		const {issuer} = this.#parts.options;
		const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
		const {issuer: told, jwks_uri: keys} = (await this.#fetch(new URL(address))) as Partial<Record<string, unknown>>;
		if (told !== issuer) {
			// Discovery 1.0, section 4.3: else one provider could speak for another.
			throw new ProviderError(`the provider calls itself ${JSON.stringify(told)}, and not ${JSON.stringify(issuer)}`);
		}
		const url = typeof keys === 'string' ? URL.parse(keys) : null;
		if (url === null || (issuer.startsWith('https:') && url.protocol !== 'https:')) {
			throw new ProviderError('the provider names no address of its keys, or one without encryption');
		}
		return url;
	}

	async #fetch(url: URL): Promise<object> {
		const {client, options} = this.#parts;
		const {status, bytes} = await client.fetch(
			{method: 'GET', url, headers: {accept: 'application/json'}},
			{maxBytes: largestAnswer, withinMs: options.timeoutSeconds * 1000},
		);
		if (status !== 200) {
			throw new ProviderError(`${url.host} answers with ${status}`);
		}
		const json = parse(bytes.toString());
		if (typeof json !== 'object' || json === null) {
			throw new ProviderError(`${url.host} answers with no JSON object`);
		}
		return json;
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new ProviderError('the provider answers with no JSON', {cause: error});
	}
}

/** Secrets are left out: nothing is to be checked with what stands on a public page. */
function checkKeys(answer: object): JSONWebKeySet {
	const {keys} = answer as {readonly keys?: unknown};
	if (!Array.isArray(keys) || keys.length > mostKeys) {
		throw new ProviderError('the keys of the provider are no list, or too many');
	}
	const usable = keys.filter((key: unknown) => typeof key === 'object' && key !== null && !('k' in key));
	return {keys: usable as JSONWebKeySet['keys']};
}
