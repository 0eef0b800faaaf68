import type {MetadataStore} from '@stowage/core';
import {accountError} from './account-error.ts';

/** Rejects with 400 when one of the groups is not there. */
export async function findGroupIds(
	{groups}: Pick<MetadataStore, 'groups'>,
	names: readonly string[],
): Promise<readonly number[]> {
	if (names.length === 0) {
		return [];
	}
	const ids = new Map((await groups.list()).map(({name, id}) => [name, id]));
	return names.map(name => {
		const id = ids.get(name);
		if (id === undefined) {
			throw accountError(`there is no group "${name}"`);
		}
		return id;
	});
}
