import type {Logger, MetadataStore, Storage} from '@stowage/core';
import {ConfigError} from '../config/config-error.ts';
import type {Configuration} from '../config/configuration.ts';
import {didYouMean} from '../config/nearest-word.ts';
import {createLog} from '../process/log.ts';
import {openDatabase} from '../process/open-database.ts';
import {openStorages} from '../process/open-storages.ts';
import {storageOrder} from '../process/storage-order.ts';
import {interruption} from './interruption.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';

export interface CliStorages {
	readonly configuration: Configuration;
	readonly metadata: MetadataStore;
	/** Those that were asked for, in this order. */
	readonly storages: readonly Storage[];
	readonly logger: Logger;
	/** Aborts when the command is ended from outside. */
	readonly signal: AbortSignal;
}

/**
 * Opens the database and the named storages, as a server does that may run meanwhile, and closes them after `work`.
 * Rejects with `ConfigError` when there is no such storage.
 */
export async function withStorages(
	names: readonly string[],
	options: ConfigurationOptions,
	work: (parts: CliStorages) => Promise<void>,
): Promise<void> {
	const {configuration, plugins} = await readCliConfiguration(options);
	const known = Object.keys(configuration.storages);
	const {partsOf} = storageOrder(configuration.storages, plugins.storageDrivers);
	for (const name of names) {
		const [owner] = [...partsOf].find(([, parts]) => parts.includes(name)) ?? [];
		const hint = didYouMean(name, known) || `; there are ${known.join(', ')}`;
		if (!known.includes(name) || owner !== undefined) {
			const message =
				owner === undefined
					? `there is no storage "${name}"${hint}`
					: `"${name}" is a part of "${owner}", and its blobs are that one's`;
			throw new ConfigError([{source: 'storages', message}]);
		}
	}
	const logger = createLog({level: configuration.log.level, destination: process.stderr});
	await using opened = new AsyncDisposableStack();
	const metadata = await openDatabase(configuration.database);
	opened.defer(() => metadata.close());
	const all = await openStorages({configuration, plugins, logger, names}, opened);
	const storages = names.flatMap(name => all.get(name) ?? []);
	await work({configuration, metadata, storages, logger, signal: interruption(opened)});
}
