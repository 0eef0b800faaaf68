import type {Rights} from '@stowage/core';
import type {Authenticated, UserIdentity} from './authenticated.ts';

/** A user who proved who he is with his password or a refresh token: has all the rights of the user. */
export class UserCaller implements Authenticated {
	readonly user: UserIdentity;
	readonly catalog = true;
	readonly anonymous = false;
	readonly whole = true;
	readonly may: Rights['may'];
	readonly #rights: Rights;

	constructor(user: UserIdentity, rights: Rights) {
		this.user = user;
		this.may = rights.may;
		this.#rights = rights;
	}

	get admin(): boolean {
		return this.#rights.admin;
	}

	get name(): string {
		return this.user.name;
	}

	get listing(): Authenticated {
		return this;
	}

	lacksScope(): boolean {
		return false;
	}
}
