import type {Logger, PluginSet, Storage} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import type {Metrics} from '../http/metrics.ts';
import {openStorage} from './open-storage.ts';
import {storageOrder} from './storage-order.ts';

interface OpenStoragesParts {
	readonly configuration: Pick<Configuration, 'storages'>;
	readonly plugins: Pick<PluginSet, 'storageDrivers'>;
	readonly logger: Logger;
	/** Nothing is measured without it. */
	readonly metrics?: Metrics;
	/** Those that are wanted; all that no other is made of unless told. What they are made of is opened as well. */
	readonly names?: readonly string[];
}

/**
 * Opens configured storages, those that others are made of first, and has `opened` close them. Resolves to those that are
 * wanted. Objects of a storage that another is made of belong to that one alone: nobody may sweep or index them. Rejects
 * with the first failure when all have been tried.
 */
export async function openStorages(
	{configuration, plugins, logger, metrics, names}: OpenStoragesParts,
	opened: AsyncDisposableStack,
): Promise<ReadonlyMap<string, Storage>> {
	const {order, partsOf} = storageOrder(configuration.storages, plugins.storageDrivers);
	const wanted = withParts(names ?? order, partsOf);
	const inner = new Set([...partsOf.values()].flat());
	const opening = new Map<string, Promise<Storage>>();
	for (const name of order.filter(one => wanted.has(one))) {
		const open = async () => {
			const parts = await Promise.all((partsOf.get(name) ?? []).map(async part => opening.get(part)));
			const others = new Map(parts.flatMap(part => (part === undefined ? [] : [[part.name, part] as const])));
			const observe = metrics?.storageObserver(name);
			const storage = await openStorage(name, {
				configuration,
				plugins,
				logger,
				observe,
				others,
				inner: inner.has(name),
			});
			opened.defer(() => storage.close());
			return storage;
		};
		opening.set(name, open());
	}
	const results = await Promise.allSettled(opening.values());
	const failed = results.find(result => result.status === 'rejected');
	if (failed !== undefined) {
		throw failed.reason;
	}
	const storages = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
	const given = storages.filter(({name}) => names?.includes(name) ?? !inner.has(name));
	return new Map(given.map(storage => [storage.name, storage]));
}

function withParts(names: readonly string[], partsOf: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
	const all = new Set(names);
	// A set shows what is added while it is walked.
	for (const name of all) {
		for (const part of partsOf.get(name) ?? []) {
			all.add(part);
		}
	}
	return all;
}
