import {hash} from 'node:crypto';
import {join} from 'node:path';
import type {MetadataStore} from '@stowage/core';

/** The administrator that the first start makes. */
export const initialAdminName = 'admin';

/** Fingerprint of the hash of the password that the first start gave to the administrator. */
const settingName = 'initial-admin-password';

/** Where a random one is kept until it is changed, in the folder of the node that made it. */
export function initialPasswordFile(data: string): string {
	return join(data, 'admin-password');
}

/** Whether the administrator of the first start still has the password he was given then. */
export async function isInitialPassword(metadata: Pick<MetadataStore, 'settings' | 'users'>): Promise<boolean> {
	const user = await metadata.users.find(initialAdminName);
	if (user?.passwordHash === undefined) {
		return false;
	}
	return (await metadata.settings.find(settingName)) === fingerprint(user.passwordHash);
}

/** Whether the first start has been, whatever became of its administrator. */
export async function hadInitialPassword(metadata: Pick<MetadataStore, 'settings'>): Promise<boolean> {
	return (await metadata.settings.find(settingName)) !== undefined;
}

/** To be called in the transaction that stores `passwordHash`. */
export async function rememberInitialPassword(
	metadata: Pick<MetadataStore, 'settings'>,
	passwordHash: string,
): Promise<void> {
	await metadata.settings.set(settingName, fingerprint(passwordHash));
}

function fingerprint(passwordHash: string): string {
	return hash('sha256', passwordHash, 'hex');
}
