import type {Rights} from '@stowage/core';
import type {Authenticated, CredentialRights, UserIdentity} from './authenticated.ts';

export interface AccessTokenCallerOptions {
	readonly name: string;
	/** Undefined when nobody has that name. */
	readonly user?: UserIdentity;
	/** Of the token's row. */
	readonly accessToken: string;
	readonly rights: CredentialRights;
	/** Whether the token stands for the user himself. */
	readonly whole: boolean;
	/** Milliseconds since 1970; left out when it is good until it is revoked. */
	readonly expiresAt?: number;
}

/** Somebody with an access token, a reference token or an API key. */
export class AccessTokenCaller implements Authenticated {
	readonly name: string;
	readonly user?: UserIdentity;
	readonly accessToken: string;
	readonly expiresAt?: number;
	readonly whole: boolean;
	readonly anonymous = false;
	readonly catalog = true;
	readonly may: Rights['may'];
	readonly #options: AccessTokenCallerOptions;

	constructor(options: AccessTokenCallerOptions) {
		this.name = options.name;
		this.user = options.user;
		this.accessToken = options.accessToken;
		this.expiresAt = options.expiresAt;
		this.whole = options.whole;
		this.may = options.rights.may;
		this.#options = options;
	}

	get admin(): boolean {
		return this.#options.rights.admin;
	}

	get listing(): Authenticated {
		return this;
	}

	through(repository: string): AccessTokenCaller {
		const {rights} = this.#options;
		const reaching = rights.through?.(repository) ?? rights;
		return reaching === rights ? this : new AccessTokenCaller({...this.#options, rights: reaching});
	}

	/** Signing in again would bring the same rights. */
	lacksScope(): boolean {
		return false;
	}
}
