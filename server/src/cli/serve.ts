import cluster from 'node:cluster';
import type {ListenAddress} from '../config/listen-address.ts';
import type {ReadConfiguration} from '../config/read-configuration.ts';
import {createLog} from '../process/log.ts';
import type {PreparedRegistry} from '../process/prepare-registry.ts';
import {runRegistry} from '../process/run-registry.ts';
import {runWorkers} from '../process/run-workers.ts';
import {startMessage} from '../process/start-message.ts';
import {onStopSignal} from '../process/stop-signals.ts';
import {onWorkerOrder, reportListening} from '../process/worker-channel.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';
import {version} from './version.ts';

interface ServeOptions extends ConfigurationOptions {
	readonly workers: number;
}

/** Starts the registry and resolves when it has been stopped. */
export async function serve({workers, ...options}: ServeOptions): Promise<void> {
	const read = await readCliConfiguration(options, {serving: true});
	const {configuration} = read;
	const logger = createLog({level: configuration.log.level, fields: cluster.isWorker ? {pid: process.pid} : undefined});
	if (cluster.isWorker) {
		await runRegistry({...read, logger, prepared: true, onStop: onWorkerOrder, onListening: reportListening});
		return;
	}
	const adminPassword = process.env['STOWAGE_ADMIN_PASSWORD'];
	const onListening = (addresses: readonly ListenAddress[], prepared: PreparedRegistry | undefined) =>
		tell(read, addresses, prepared);
	if (workers > 1) {
		await runWorkers({...read, count: workers, logger, adminPassword, onListening});
	} else {
		await runRegistry({...read, logger, adminPassword, onStop: onStopSignal, onListening});
	}
}

/** Plainly and on standard error: standard output is for the log. */
function tell(
	{configuration}: ReadConfiguration,
	[address]: readonly ListenAddress[],
	prepared: PreparedRegistry | undefined,
): void {
	if (address !== undefined && prepared !== undefined) {
		process.stderr.write(startMessage({configuration, version, address, ...prepared}));
	}
}
