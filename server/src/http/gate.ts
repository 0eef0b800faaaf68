import {type Action, type ImageName, RegistryError, type RouteAccess} from '@stowage/core';
import type {Authenticated} from '../auth/authenticated.ts';

/** What a route's access is asked for. */
export interface Asked {
	/** Key of the repository; undefined for what is not of one. */
	readonly repository?: string;
	/** Undefined when the whole repository is meant. */
	readonly image?: ImageName;
}

/**
 * The one decision whether a caller may use a route. Throws `UNAUTHORIZED` when signing in, or a token for it, could help,
 * else `DENIED`. Both are thrown before anybody looks whether what is asked for exists. An action without a repository
 * is let through: such a handler shows each caller what he may see of every repository.
 */
export function checkAccess(access: RouteAccess, caller: Authenticated, asked: Asked): void {
	if (access === 'public') {
		return;
	}
	if (typeof access === 'string') {
		checkStanding(access, caller);
		return;
	}
	const {repository, image} = asked;
	if (repository === undefined) {
		return;
	}
	if (typeof access.action === 'string') {
		checkAction(access.action, caller, repository, image);
		return;
	}
	for (const action of access.action) {
		checkAction(action, caller, repository, image);
	}
}

function checkStanding(access: 'signed-in' | 'admin', caller: Authenticated): void {
	if (caller.anonymous) {
		throw unauthorized();
	}
	if (access === 'admin' && !caller.admin) {
		throw new RegistryError('DENIED', 'only an administrator may do this');
	}
}

function checkAction(action: Action, caller: Authenticated, repository: string, image: ImageName | undefined): void {
	// To read without an image is to list: content always has a name.
	const listing = action === 'read' && image === undefined;
	if ((listing ? caller.listing : caller).may(action, repository, image)) {
		return;
	}
	if (caller.anonymous || caller.lacksScope(action, repository, image)) {
		throw unauthorized();
	}
	// Not in the words of docker's own library: it takes errors with those for passing ones and tries again for 50 seconds.
	throw new RegistryError('DENIED', 'access to this is denied');
}

/** The challenge is added where the error becomes an answer. For the message, see above. */
export function unauthorized(): RegistryError {
	return new RegistryError('UNAUTHORIZED', 'authentication is required');
}
