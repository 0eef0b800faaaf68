import {ConfigError} from '../config/config-error.ts';
import {didYouMean} from '../config/nearest-word.ts';
import {createLog} from '../process/log.ts';
import {openStorages} from '../process/open-storages.ts';
import {interruption} from './interruption.ts';
import {measureStorage} from './measure-storage.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';
import {toTable} from './to-table.ts';

interface CheckStorageOptions extends ConfigurationOptions {
	/** Of the large object, in MiB. */
	readonly size: number;
}

/** Writes, reads and deletes objects of a configured storage and prints what it took. Rejects when anything of it fails, or it is ended. */
export async function checkStorage(name: string, {size, ...options}: CheckStorageOptions): Promise<void> {
	const {configuration, plugins} = await readCliConfiguration(options);
	const chosen = configuration.storages[name];
	if (chosen === undefined) {
		const names = Object.keys(configuration.storages);
		const message = `there is no storage "${name}"${didYouMean(name, names) || `; there are ${names.join(', ')}`}`;
		throw new ConfigError([{source: 'storages', message}]);
	}
	const logger = createLog({level: configuration.log.level, destination: process.stderr});
	await using opened = new AsyncDisposableStack();
	const storages = await openStorages({configuration, plugins, logger, names: [name]}, opened);
	const signal = interruption(opened, 'ended before it was done');
	for (const storage of storages.values()) {
		const measured = await measureStorage(storage, {bytes: size * 1024 * 1024, signal});
		process.stdout.write(`storage "${name}" (${chosen.driver})\n${toTable(measured)}`);
	}
}
