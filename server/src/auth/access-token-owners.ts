import {type AccessTokenRecord, type Principal, type Rights, type TokenScope, findTokenScope} from '@stowage/core';
import {AccessTokenCaller} from './access-token-caller.ts';
import type {AccessWatch} from './access-watch.ts';
import {LiveRights} from './live-rights.ts';
import {ScopedRights} from './scoped-rights.ts';
import type {TokenWatch, WatchedToken} from './token-watch.ts';
import type {UserWatch, WatchedUser} from './user-watch.ts';

export interface AccessTokenOwnersParts {
	readonly tokens: TokenWatch;
	readonly users: UserWatch;
	readonly access: AccessWatch;
	readonly now: () => number;
}

/** Whom an access token stands for, with what has to be watched as long as that is remembered. */
export interface AccessTokenOwner {
	readonly caller: AccessTokenCaller;
	readonly watched?: WatchedUser;
	readonly token: WatchedToken;
}

/** Makes callers of access tokens. */
export class AccessTokenOwners {
	readonly #parts: AccessTokenOwnersParts;

	constructor(parts: AccessTokenOwnersParts) {
		this.#parts = parts;
	}

	/** Undefined when the token was revoked or has expired, or when its user is gone or disabled. */
	async find(id: string): Promise<AccessTokenOwner | undefined> {
		const token = await this.#parts.tokens.find(id);
		const record = token.value;
		const scope = record && findTokenScope(record.scope);
		if (record === undefined || scope === undefined || hasExpired(record, this.#parts.now())) {
			return undefined;
		}
		const {userId, subject: name} = record;
		if (userId === undefined) {
			return {token, caller: this.#callerOf(record, scope, undefined)};
		}
		const watched = await this.#parts.users.find(name);
		const current = await this.#parts.users.isCurrent(watched, {id: userId, name});
		return current ? {token, watched, caller: this.#callerOf(record, scope, watched)} : undefined;
	}

	#callerOf(record: AccessTokenRecord, scope: TokenScope, watched: WatchedUser | undefined): AccessTokenCaller {
		const {id, subject: name, userId} = record;
		const {access} = this.#parts;
		const groups = new LiveRights(access, groupsOf(scope, watched));
		return new AccessTokenCaller({
			name,
			user: userId === undefined ? undefined : {id: userId, name},
			accessToken: id,
			rights: new ScopedRights({
				scope,
				owner: this.#ownerRights(scope, watched),
				groups,
				otherNameOf: access.otherNameOf,
			}),
			whole: scope.user && watched !== undefined,
			expiresAt: record.expiresAt?.getTime(),
		});
	}

	/** Who is no user has no rights of his own, unless an administrator has given him all. */
	#ownerRights({admin}: TokenScope, watched: WatchedUser | undefined): Rights {
		const principal = {groups: [], admin};
		return watched === undefined
			? new LiveRights(this.#parts.access, () => principal)
			: this.#parts.users.rightsOf(watched);
	}
}

export function hasExpired({expiresAt}: Pick<AccessTokenRecord, 'expiresAt'>, now: number): boolean {
	return expiresAt !== undefined && expiresAt.getTime() <= now;
}

/** Of the groups in the scope those that the user is in now; an administrator counts as in all. */
function groupsOf(scope: TokenScope, watched: WatchedUser | undefined): () => Principal {
	const all: Principal = {groups: scope.groups, admin: false};
	if (watched === undefined || scope.groups.length === 0) {
		return () => all;
	}
	let known = watched.principal;
	let limited = limit(known, scope.groups);
	return () => {
		if (known !== watched.principal) {
			known = watched.principal;
			limited = limit(known, scope.groups);
		}
		return limited;
	};
}

function limit({admin, groups}: Principal, scoped: readonly string[]): Principal {
	return {groups: admin ? scoped : scoped.filter(group => groups.includes(group)), admin: false};
}
