import type {MetadataStore, UserRecord} from '@stowage/core';

const pageSize = 1000;

/** Whether nobody but this user is an administrator who could sign in. */
export async function isLastAdmin({users}: Pick<MetadataStore, 'users'>, {id}: UserRecord): Promise<boolean> {
	let after: string | undefined;
	do {
		const page = await users.list({limit: pageSize, after});
		if (page.items.some(user => user.id !== id && user.admin && !user.disabled)) {
			return false;
		}
		after = page.next;
	} while (after !== undefined);
	return true;
}
