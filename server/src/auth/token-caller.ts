import {type AccessEntry, type Action, type ImageName, type Rights, limitRights} from '@stowage/core';
import {anonymousName} from './anonymous-caller.ts';
import type {Authenticated, CredentialRights, UserIdentity} from './authenticated.ts';

export interface TokenCallerOptions {
	/** Undefined when the token was issued to somebody who did not sign in. */
	readonly name?: string;
	/** Undefined as well when nobody has that name. */
	readonly user?: UserIdentity;
	/** The revocable token that this one was issued to. */
	readonly accessToken?: string;
	/** What the owner may do himself. */
	readonly rights: CredentialRights;
	readonly entries: readonly AccessEntry[];
	/** Whether the token was issued for lists of images. */
	readonly catalog: boolean;
	readonly expiresAt: number;
}

/** What the catalog shows, as far as the owner of the token may see it. */
const names: AccessEntry = {repository: '*', image: '*', actions: ['read']};

/** Somebody with a token: may do what its owner may, as far as the token was issued for it. Never an administrator. */
export class TokenCaller implements Authenticated {
	readonly name: string;
	readonly user?: UserIdentity;
	readonly accessToken?: string;
	readonly anonymous: boolean;
	readonly admin = false;
	readonly whole = false;
	readonly catalog: boolean;
	readonly expiresAt: number;
	readonly listing: Authenticated;
	readonly may: Rights['may'];
	readonly #options: TokenCallerOptions;
	/** No more than the token has entries. */
	readonly #through = new Map<string, TokenCaller>();

	constructor(options: TokenCallerOptions) {
		const {name, user, accessToken, rights, entries, catalog, expiresAt} = options;
		this.name = name ?? user?.name ?? anonymousName;
		this.user = user;
		this.accessToken = accessToken;
		this.anonymous = name === undefined && user === undefined;
		this.catalog = catalog;
		this.expiresAt = expiresAt;
		this.may = limitRights(rights, entries);
		this.#options = options;
		this.listing = catalog ? new TokenCaller({...options, entries: [...entries, names], catalog: false}) : this;
	}

	/** Entries for `repository` become entries for every one: who is made of others asks for nothing but its members. */
	through(repository: string): TokenCaller {
		const known = this.#through.get(repository);
		if (known !== undefined) {
			return known;
		}
		const {entries, rights} = this.#options;
		const own = entries.filter(entry => entry.repository === repository);
		if (own.length === 0) {
			return this;
		}
		const caller = new TokenCaller({
			...this.#options,
			rights: rights.through?.(repository) ?? rights,
			entries: [...entries, ...own.map(entry => ({...entry, repository: '*'}))],
		});
		this.#through.set(repository, caller);
		return caller;
	}

	lacksScope(action: Action, repository: string, image?: ImageName): boolean {
		return this.#options.rights.may(action, repository, image) && !this.may(action, repository, image);
	}
}
