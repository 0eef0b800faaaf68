import {type ExternalToken, type Logger, RegistryError} from '@stowage/core';
import type {TokenGrant} from '../access-token-grant.ts';
import type {AccessTokens, IssuedAccessToken} from '../access-tokens.ts';
import type {ExternalRealm} from './external-realm.ts';
import type {ExternalUsers} from './external-users.ts';

export interface TokenExchangeParts {
	readonly external: ExternalUsers;
	readonly accessTokens: AccessTokens;
	readonly logger: Logger;
}

/** Gives a short token of ours to who shows one of somebody else (RFC 8693). */
export class TokenExchange {
	readonly #parts: TokenExchangeParts;

	constructor(parts: TokenExchangeParts) {
		this.#parts = parts;
	}

	/**
	 * Throws `UNAUTHORIZED` when the authenticator is not there or does not find the token good, which is one answer, `DENIED`
	 * when the token is good for nothing here, and `UNAVAILABLE`.
	 */
	async exchange(authenticator: string, token: string): Promise<IssuedAccessToken> {
		const {external, accessTokens, logger} = this.#parts;
		const realm = external.realm(authenticator);
		const found = await realm?.verifyToken?.(token);
		if (realm === undefined || found === undefined) {
			logger.info({}, 'a token of an authenticator was refused');
			throw new RegistryError('UNAUTHORIZED', 'the token is not valid');
		}
		const grant = await this.#grantOf(realm, found);
		if (grant === undefined) {
			throw new RegistryError('DENIED', 'the token is valid, and good for nothing here');
		}
		return accessTokens.issue({...grant, issuer: {name: realm.name, admin: true, whole: true}});
	}

	async #grantOf(realm: ExternalRealm, found: ExternalToken): Promise<Omit<TokenGrant, 'issuer'> | undefined> {
		if (found.grant !== undefined) {
			const {subject, scope, lifetimeSeconds: expiresInSeconds, description} = found.grant;
			return {subject, scope, expiresInSeconds, description};
		}
		const user = found.user && (await this.#parts.external.admit(realm, found.user));
		if (user === undefined || found.user === undefined) {
			return undefined;
		}
		return {subject: user.name, expiresInSeconds: found.lifetimeSeconds, description: `signed in by ${realm.name}`};
	}
}
