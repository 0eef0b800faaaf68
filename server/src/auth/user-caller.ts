import type {Rights} from '@stowage/core';
import type {Authenticated, UserIdentity} from './authenticated.ts';

/** A user who proved who he is with his password or a refresh token: has all the rights of the user. */
export class UserCaller implements Authenticated {
	readonly user: UserIdentity;
	readonly catalog = true;
	readonly anonymous = false;
	readonly admin: boolean;
	readonly may: Rights['may'];

	constructor(user: UserIdentity, rights: Rights) {
		this.user = user;
		this.admin = rights.admin;
		this.may = rights.may;
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
