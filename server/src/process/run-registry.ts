import type {ListenAddress} from '../config/listen-address.ts';
import {openRegistry, type OpenRegistryParts} from './open-registry.ts';
import type {PreparedRegistry} from './prepare-registry.ts';

interface RunParts extends OpenRegistryParts {
	/** Takes what ends the run; gives what takes it off again. */
	readonly onStop: (actions: {readonly stop: () => void; readonly cut: () => void}) => () => void;
	/** Called when all addresses are listened on. */
	readonly onListening: (addresses: readonly ListenAddress[], prepared: PreparedRegistry | undefined) => void;
}

/** Serves until it is told to stop. Resolves when every request has ended and everything is closed. */
export async function runRegistry({onStop, onListening, ...parts}: RunParts): Promise<void> {
	const stopped = Promise.withResolvers<void>();
	const cut = Promise.withResolvers<void>();
	// Before anything is opened, so that an order to stop is not lost that comes meanwhile.
	const off = onStop({stop: stopped.resolve, cut: cut.resolve});
	try {
		const registry = await openRegistry(parts);
		void cut.promise.then(() => registry.cut());
		onListening(registry.addresses, registry.prepared);
		await stopped.promise;
		await registry.stop();
	} finally {
		off();
	}
}
