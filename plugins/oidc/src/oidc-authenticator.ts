import type {Abortable, ExternalAuthenticator, ExternalToken, ExternalUser, Logger} from '@stowage/core';
import {OutboundClient} from '@stowage/core/outbound';
import {type JWTPayload, type JWTVerifyOptions, errors} from 'jose';
import {jwtVerify} from 'jose/jwt/verify';
import {fits, textsOf} from './claims.ts';
import type {OidcOptions} from './options.ts';
import {type FindKey, ProviderKeys} from './provider-keys.ts';

const longestToken = 16 * 1024;

export interface OidcAuthenticatorParts {
	readonly name: string;
	readonly logger: Logger;
	/** Milliseconds since 1970. */
	readonly now?: () => number;
}

/** Checks tokens of an OpenID provider: OpenID Connect Core 1.0, section 3.1.3.7, with RFC 8725. */
export class OidcAuthenticator implements ExternalAuthenticator {
	readonly #options: OidcOptions;
	readonly #name: string;
	readonly #client: OutboundClient;
	readonly #keys: ProviderKeys;
	readonly #now: () => number;
	#closed = false;

	constructor(options: OidcOptions, {name, logger, now = Date.now}: OidcAuthenticatorParts) {
		const {allowPrivateAddresses, allowedAddresses, caCertificates: ca} = options;
		this.#options = options;
		this.#name = name;
		this.#now = now;
		this.#client = new OutboundClient({
			origin: new URL(options.issuer).origin,
			connectTimeoutMs: options.timeoutSeconds * 1000,
			idleTimeoutMs: options.timeoutSeconds * 1000,
			connections: 2,
			allowPrivateAddresses,
			allowedAddresses,
			ca,
		});
		this.#keys = new ProviderKeys({options, client: this.#client, logger, now});
	}

	async verifyToken(token: string, options: Abortable = {}): Promise<ExternalToken | undefined> {
		if (this.#closed) {
			throw new Error('the authenticator is closed');
		}
		// Three parts of base64url: nothing else needs any keys.
		if (token.length > longestToken || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
			return undefined;
		}
		const payload = await this.#verify(token, options);
		const {exp} = payload ?? {};
		if (payload === undefined || exp === undefined || !this.#isForUs(payload)) {
			return undefined;
		}
		return {expiresAt: exp * 1000, ...this.#worthOf(payload)};
	}

	async close(): Promise<void> {
		this.#closed = true;
		await this.#client.close();
	}

	async #verify(token: string, options: Abortable): Promise<JWTPayload | undefined> {
		const keys = await this.#keys.current(options);
		const found = await this.#verifyWith(token, keys);
		if (found !== 'unknown key') {
			return found;
		}
		const newer = await this.#keys.newer(keys, options);
		const again = newer && (await this.#verifyWith(token, newer));
		return again === 'unknown key' ? undefined : again;
	}

	async #verifyWith(token: string, keys: FindKey): Promise<JWTPayload | 'unknown key' | undefined> {
		const {issuer, audiences, algorithms, clockToleranceSeconds} = this.#options;
		const rules: JWTVerifyOptions = {
			issuer,
			audience: [...audiences],
			algorithms: [...algorithms],
			clockTolerance: clockToleranceSeconds,
			requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
			currentDate: new Date(this.#now()),
		};
		try {
			return (await jwtVerify(token, keys, rules)).payload;
		} catch (error) {
			// jose throws for whatever is wrong with a token; which it was is nothing to tell.
			return error instanceof errors.JWKSNoMatchingKey ? 'unknown key' : undefined;
		}
	}

	/** A token for several must have been made for us, and none is of the future. */
	#isForUs({aud = [], azp, iat = 0, sub}: JWTPayload): boolean {
		const {audiences, clockToleranceSeconds} = this.#options;
		const shared = [aud].flat().some(one => !audiences.includes(one));
		const ours = typeof azp === 'string' && audiences.includes(azp);
		const early = iat - clockToleranceSeconds > this.#now() / 1000;
		return !early && (ours || !shared) && typeof sub === 'string' && sub !== '';
	}

	#worthOf(payload: JWTPayload) {
		const mapping = this.#options.mappings.find(one => fits(payload, one));
		if (mapping !== undefined) {
			const {name, scope, expiresInSeconds: lifetimeSeconds, username: subject = `${this.#name}/${name}`} = mapping;
			return {grant: {subject, scope, lifetimeSeconds, description: `${this.#name}, mapping ${name}`}};
		}
		const user = this.#userOf(payload);
		return user === undefined ? {} : {user, lifetimeSeconds: this.#options.userTokenSeconds};
	}

	#userOf(payload: JWTPayload): ExternalUser | undefined {
		const {usernameClaim, groupsClaim, emailClaim} = this.#options;
		const name = usernameClaim === undefined ? undefined : payload[usernameClaim];
		const {sub: externalId = '', email_verified: verified} = payload;
		if (typeof name !== 'string' || name === '') {
			return undefined;
		}
		const email = emailClaim === undefined || verified !== true ? undefined : textsOf(payload, emailClaim)[0];
		const groups = groupsClaim === undefined ? [] : textsOf(payload, groupsClaim).filter(group => group !== '');
		return {name, externalId, email, groups: [...new Set(groups)].toSorted()};
	}
}
