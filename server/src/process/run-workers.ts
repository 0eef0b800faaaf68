import type {Logger} from '@stowage/core';
import type {ListenAddress} from '../config/listen-address.ts';
import type {ReadConfiguration} from '../config/read-configuration.ts';
import {prepareDataFolder} from './data-folder.ts';
import {openDatabase} from './open-database.ts';
import {type PreparedRegistry, prepareRegistry} from './prepare-registry.ts';
import {onStopSignal} from './stop-signals.ts';
import {WorkerPool} from './worker-pool.ts';

interface RunWorkersParts extends ReadConfiguration {
	readonly count: number;
	readonly logger: Logger;
	readonly adminPassword?: string;
	/** Called when all workers listen. */
	readonly onListening: (addresses: readonly ListenAddress[], prepared: PreparedRegistry) => void;
}

/** Prepares once, then has `count` processes serve until a signal comes. Resolves when the last one is gone. */
export async function runWorkers({
	configuration,
	plugins,
	validator,
	count,
	logger,
	adminPassword,
	onListening,
}: RunWorkersParts): Promise<void> {
	const prepared = await prepare();
	const stopped = Promise.withResolvers<void>();
	const pool = new WorkerPool({count, logger});
	const off = onStopSignal({stop: stopped.resolve, cut: () => pool.cut()});
	try {
		const listening = pool.listening.then(addresses => onListening(addresses, prepared));
		await Promise.race([listening.then(() => stopped.promise), stopped.promise]);
	} finally {
		await pool.stop({withinSeconds: configuration.stopWithinSeconds});
		off();
	}

	async function prepare(): Promise<PreparedRegistry> {
		await prepareDataFolder(configuration);
		const metadata = await openDatabase(configuration.database);
		try {
			return await prepareRegistry({configuration, plugins, validator, metadata, logger, adminPassword});
		} finally {
			await metadata.close();
		}
	}
}
