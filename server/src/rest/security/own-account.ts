import {RegistryError, type UserRecord} from '@stowage/core';
import type {Authenticated} from '../../auth/authenticated.ts';

/** Throws `DENIED` unless the caller stands for a user himself, and not only for what a token was issued for. */
export function demandWhole({whole, user}: Authenticated): NonNullable<Authenticated['user']> {
	if (!whole || user === undefined) {
		throw new RegistryError('DENIED', 'these credentials do not stand for a user himself');
	}
	return user;
}

/** Throws `DENIED` to who asks about somebody else, whether that one exists or not. */
export function demandSelfOrAdmin(caller: Authenticated, name: UserRecord['name']): void {
	if (!caller.admin && (caller.name !== name || demandWhole(caller).name !== name)) {
		throw new RegistryError('DENIED', 'only an administrator may do this');
	}
}
