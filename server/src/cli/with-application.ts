import type {Logger, MetadataStore, OptionsValidator, PluginSet, Storage} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import {prepareDataFolder} from '../process/data-folder.ts';
import {createLog} from '../process/log.ts';
import {openDatabase} from '../process/open-database.ts';
import {openStorages} from '../process/open-storages.ts';
import {interruption} from './interruption.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';

export interface CliApplication {
	readonly configuration: Configuration;
	readonly plugins: PluginSet;
	readonly validator: OptionsValidator;
	readonly metadata: MetadataStore;
	/** Every storage, by name. */
	readonly storages: ReadonlyMap<string, Storage>;
	readonly logger: Logger;
	/** Aborts when the command is ended from outside. */
	readonly signal: AbortSignal;
}

/** Opens the database and all storages, as a server does that may run meanwhile, and closes them after `work`. */
export async function withApplication(
	options: ConfigurationOptions,
	work: (application: CliApplication) => Promise<void>,
): Promise<void> {
	const {configuration, plugins, validator} = await readCliConfiguration(options);
	await prepareDataFolder(configuration);
	const logger = createLog({level: configuration.log.level, destination: process.stderr});
	await using opened = new AsyncDisposableStack();
	const metadata = await openDatabase(configuration.database);
	opened.defer(() => metadata.close());
	const storages = await openStorages({configuration, plugins, logger}, opened);
	await work({configuration, plugins, validator, metadata, storages, logger, signal: interruption(opened)});
}
