import type {Logger, PluginSet, Storage} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import type {Metrics} from '../http/metrics.ts';
import {openStorage} from './open-storage.ts';

interface OpenStoragesParts {
	readonly configuration: Configuration;
	readonly plugins: PluginSet;
	readonly logger: Logger;
	/** Nothing is measured without it. */
	readonly metrics?: Metrics;
}

/** Opens all configured storages at once, and has `opened` close them. Rejects with the first failure when all have been tried. */
export async function openStorages(
	{configuration, plugins, logger, metrics}: OpenStoragesParts,
	opened: AsyncDisposableStack,
): Promise<ReadonlyMap<string, Storage>> {
	const names = Object.keys(configuration.storages);
	const results = await Promise.allSettled(
		names.map(async name =>
			openStorage(name, {configuration, plugins, logger, observe: metrics?.storageObserver(name)}),
		),
	);
	const storages = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
	for (const storage of storages) {
		opened.defer(() => storage.close());
	}
	const failed = results.find(result => result.status === 'rejected');
	if (failed !== undefined) {
		throw failed.reason;
	}
	return new Map(storages.map(storage => [storage.name, storage]));
}
