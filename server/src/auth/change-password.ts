import {ConflictError, type MetadataStore, type UserRecord} from '@stowage/core';
import {hashPassword} from './password-hash.ts';

const shortest = 8;
const longest = 1024;
const tries = 5;

/** Why a password was not taken. */
export class PasswordRefusedError extends Error {
	override readonly name = 'PasswordRefusedError';
	readonly code = 'PASSWORD_REFUSED';
}

/** Throws `PasswordRefusedError`. */
export function checkNewPassword(password: string): void {
	if (password.length < shortest || password.length > longest) {
		throw new PasswordRefusedError(`a password must have ${shortest} to ${longest} characters`);
	}
}

/**
 * Gives a user another password. All nodes notice within five seconds: his tokens, refresh tokens and old password are
 * refused from then on. Undefined when there is no such user; throws `PasswordRefusedError`.
 */
export async function changePassword(
	metadata: MetadataStore,
	name: string,
	newPassword: string,
): Promise<UserRecord | undefined> {
	checkNewPassword(newPassword);
	const passwordHash = await hashPassword(newPassword);
	for (let left = tries; ; left--) {
		const user = await metadata.users.find(name);
		if (user === undefined) {
			return undefined;
		}
		try {
			return await metadata.users.update({...user, passwordHash});
		} catch (error) {
			if (!(error instanceof ConflictError) || left === 1) {
				throw error;
			}
		}
	}
}
