import {type AccessEntry, type Action, type ImageName, type Rights, limitRights} from '@stowage/core';
import type {Authenticated, UserIdentity} from './authenticated.ts';

export interface TokenCallerOptions {
	/** Undefined when the token was issued to somebody who did not sign in. */
	readonly user?: UserIdentity;
	/** What the owner may do himself. */
	readonly rights: Rights;
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
	readonly anonymous: boolean;
	readonly admin = false;
	readonly catalog: boolean;
	readonly expiresAt: number;
	readonly listing: Authenticated;
	readonly may: Rights['may'];
	readonly #rights: Rights;
	readonly #entries: readonly AccessEntry[];
	/** No more than the token has entries. */
	readonly #through = new Map<string, TokenCaller>();

	constructor({user, rights, entries, catalog, expiresAt}: TokenCallerOptions) {
		this.name = user?.name ?? 'anonymous';
		this.user = user;
		this.anonymous = user === undefined;
		this.catalog = catalog;
		this.expiresAt = expiresAt;
		this.may = limitRights(rights, entries);
		this.#rights = rights;
		this.#entries = entries;
		this.listing = catalog
			? new TokenCaller({user, rights, entries: [...entries, names], catalog: false, expiresAt})
			: this;
	}

	/** Entries for `repository` become entries for every one: who is made of others asks for nothing but its members. */
	through(repository: string): TokenCaller {
		const known = this.#through.get(repository);
		if (known !== undefined) {
			return known;
		}
		const own = this.#entries.filter(entry => entry.repository === repository);
		if (own.length === 0) {
			return this;
		}
		const {user, catalog, expiresAt} = this;
		const entries = [...this.#entries, ...own.map(entry => ({...entry, repository: '*'}))];
		const caller = new TokenCaller({user, rights: this.#rights, entries, catalog, expiresAt});
		this.#through.set(repository, caller);
		return caller;
	}

	lacksScope(action: Action, repository: string, image?: ImageName): boolean {
		return this.#rights.may(action, repository, image) && !this.may(action, repository, image);
	}
}
