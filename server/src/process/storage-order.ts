import type {StorageDriverType} from '@stowage/core';
import {ConfigError} from '../config/config-error.ts';
import type {StorageConfiguration} from '../config/configuration.ts';
import {didYouMean} from '../config/nearest-word.ts';

export interface StorageOrder {
	/** All names, each after those that it is made of. */
	readonly order: readonly string[];
	/** What a storage is made of, for those that are made of others. */
	readonly partsOf: ReadonlyMap<string, readonly string[]>;
}

/**
 * Finds out which storages are made of which. Throws `ConfigError` when one names what is not there, when one is made of
 * itself, or when two are made of the same one: they would delete each other's objects.
 */
export function storageOrder(
	storages: Readonly<Record<string, StorageConfiguration>>,
	types: ReadonlyMap<string, StorageDriverType>,
): StorageOrder {
	const names = Object.keys(storages);
	const partsOf = new Map<string, readonly string[]>();
	const users = new Map<string, string>();
	for (const [name, {driver, options}] of Object.entries(storages)) {
		const parts = types.get(driver)?.dependencies?.(options) ?? [];
		for (const part of parts) {
			checkPart(name, part, {names, users});
			users.set(part, name);
		}
		if (parts.length > 0) {
			partsOf.set(name, parts);
		}
	}
	const order: string[] = [];
	for (const name of names) {
		visit(name, {order, partsOf, path: []});
	}
	return {order, partsOf};
}

function checkPart(
	name: string,
	part: string,
	{names, users}: {readonly names: readonly string[]; readonly users: ReadonlyMap<string, string>},
): void {
	const user = users.get(part);
	if (!names.includes(part)) {
		throw wrong(name, `there is no storage "${part}"${didYouMean(part, names)}`);
	}
	if (user !== undefined) {
		throw wrong(name, `storage "${part}" is a part of "${user}" already`);
	}
}

interface Visit {
	readonly order: string[];
	readonly partsOf: StorageOrder['partsOf'];
	readonly path: readonly string[];
}

function visit(name: string, {order, partsOf, path}: Visit): void {
	if (path.includes(name)) {
		throw wrong(name, `is made of itself: ${[...path.slice(path.indexOf(name)), name].join(' > ')}`);
	}
	if (order.includes(name)) {
		return;
	}
	for (const part of partsOf.get(name) ?? []) {
		visit(part, {order, partsOf, path: [...path, name]});
	}
	order.push(name);
}

function wrong(name: string, message: string): ConfigError {
	return new ConfigError([{source: `storages.${name}`, message}]);
}
