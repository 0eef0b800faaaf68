import type {StorageDriverType} from '@stowage/core';
import type {StorageConfiguration} from '../config/configuration.ts';

export interface StorageOrder {
	/** All names, each after those that it is made of. */
	readonly order: readonly string[];
	/** What a storage is made of, for those that are made of others. */
	readonly partsOf: ReadonlyMap<string, readonly string[]>;
}

/** Finds out which storages are made of which. The configuration was checked: there are no circles. */
export function storageOrder(
	storages: Readonly<Record<string, StorageConfiguration>>,
	types: ReadonlyMap<string, StorageDriverType>,
): StorageOrder {
	const partsOf = new Map<string, readonly string[]>();
	for (const [name, {driver, options}] of Object.entries(storages)) {
		const parts = types.get(driver)?.dependencies?.(options) ?? [];
		if (parts.length > 0) {
			partsOf.set(name, parts);
		}
	}
	const order = new Set<string>();
	const visit = (name: string) => {
		(partsOf.get(name) ?? []).forEach(visit);
		order.add(name);
	};
	Object.keys(storages).forEach(visit);
	return {order: [...order], partsOf};
}
