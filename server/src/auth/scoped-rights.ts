import {type OtherNameOf, type Rights, type ScopedPart, type TokenScope, limitToParts} from '@stowage/core';
import type {CredentialRights} from './authenticated.ts';

export interface ScopedRightsParts {
	readonly scope: TokenScope;
	/** What the owner may himself: nothing where he is no user. */
	readonly owner: Rights;
	/** What the groups of the scope may. */
	readonly groups: Rights;
	readonly otherNameOf?: OtherNameOf;
}

/** What a token is good for, by its scope: never more than its owner may, now. */
export class ScopedRights implements CredentialRights {
	readonly may: Rights['may'];
	readonly #parts: ScopedRightsParts;
	readonly #limited: Rights['may'];

	constructor(parts: ScopedRightsParts) {
		this.#parts = parts;
		this.#limited = limitToParts(parts.owner, parts.scope.parts, parts.otherNameOf);
		this.may = this.#whole
			? parts.owner.may
			: (action, repository, image) =>
					this.admin || parts.groups.may(action, repository, image) || this.#limited(action, repository, image);
	}

	get admin(): boolean {
		const {scope, owner, groups} = this.#parts;
		return ((this.#whole || scope.admin) && owner.admin) || groups.admin;
	}

	/** Parts of `repository` become parts of every one: who is made of others asks for nothing but its members. */
	through(repository: string): CredentialRights {
		const {scope} = this.#parts;
		const own = scope.parts.filter(part => part.repository === repository);
		if (own.length === 0) {
			return this;
		}
		const parts: readonly ScopedPart[] = [...scope.parts, ...own.map(part => ({...part, repository: '*'}))];
		return new ScopedRights({...this.#parts, scope: {...scope, parts}});
	}

	get #whole(): boolean {
		return this.#parts.scope.user;
	}
}
