import {type MetadataStore, RegistryError, type TokenScope, type UserRecord, findTokenScope} from '@stowage/core';
import type {Authenticated} from './authenticated.ts';

const yearSeconds = 365 * 24 * 3600;
const longestSeconds = 100 * yearSeconds;
const longestName = 255;
const longestDescription = 1024;

/** Who gives a token away: a caller, or who runs a command on the server itself. */
export type TokenIssuer = Pick<Authenticated, 'name' | 'admin' | 'whole'>;

/** A token that somebody wants. */
export interface TokenGrant {
	readonly issuer: TokenIssuer;
	/** For whom; for the issuer himself unless told. */
	readonly subject?: string;
	/** As `findTokenScope` reads it; `applied-permissions/user` unless told. */
	readonly scope?: string;
	/** A year unless told; 0 for until it is revoked. */
	readonly expiresInSeconds?: number;
	readonly refreshable?: boolean;
	/** Whether a short token is wanted besides, that stands for it. */
	readonly reference?: boolean;
	readonly description?: string;
}

export interface CheckedGrant {
	readonly subject: string;
	readonly userId?: number;
	readonly scope: string;
	/** Undefined for until it is revoked. */
	readonly expiresInMs?: number;
}

/**
 * Nobody gives away more than he has: for others, for all rights of an administrator and for ever only an administrator
 * may. Throws `DENIED`, and 400 for what makes no sense.
 */
export async function checkGrant(grant: TokenGrant, metadata: Pick<MetadataStore, 'users'>): Promise<CheckedGrant> {
	const {issuer, subject = issuer.name, scope: text = 'applied-permissions/user'} = grant;
	const {expiresInSeconds = yearSeconds, description = ''} = grant;
	if (!issuer.whole && !issuer.admin) {
		throw denied('these credentials cannot be used to make a token');
	}
	const scope = findTokenScope(text);
	if (scope === undefined) {
		throw refused('the scope is not one');
	}
	if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 0 || expiresInSeconds > longestSeconds) {
		throw refused('expires_in is no possible number of seconds');
	}
	if (description.length > longestDescription || subject.length > longestName || subject === '') {
		throw refused('the name of the user or the description is too long, or there is no name');
	}
	if (!issuer.admin && !isModest(grant, scope, expiresInSeconds)) {
		throw denied('only an administrator may make a token for others, for all rights, or for longer than a year');
	}
	const user = await metadata.users.find(subject);
	checkOwner(user, scope, subject);
	const expiresInMs = expiresInSeconds === 0 ? undefined : expiresInSeconds * 1000;
	return {subject, userId: user?.id, scope: text, expiresInMs};
}

function isModest({issuer, subject = issuer.name}: TokenGrant, {admin}: TokenScope, seconds: number): boolean {
	return subject === issuer.name && !admin && seconds > 0 && seconds <= yearSeconds;
}

function checkOwner(user: UserRecord | undefined, scope: TokenScope, subject: string): void {
	if (user === undefined && (scope.user || scope.parts.length > 0)) {
		throw refused(`there is no user "${subject}": a token for him can only be one of groups, or of an administrator`);
	}
	if (user?.disabled === true) {
		throw refused(`the user "${subject}" is disabled`);
	}
	if (user?.admin === false && scope.admin) {
		throw refused(`the user "${subject}" is no administrator`);
	}
}

function denied(message: string): RegistryError {
	return new RegistryError('DENIED', message);
}

function refused(message: string): RegistryError {
	return new RegistryError('UNSUPPORTED', message, {status: 400});
}
