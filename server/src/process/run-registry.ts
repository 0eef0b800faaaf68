import {unlessAborted} from '@stowage/core';
import type {ListenAddress} from '../config/listen-address.ts';
import {openRegistry, type OpenRegistryParts, type Registry} from './open-registry.ts';
import type {PreparedRegistry} from './prepare-registry.ts';

interface RunParts extends OpenRegistryParts {
	/** Takes what ends the run; gives what takes it off again. */
	readonly onStop: (actions: {readonly stop: () => void; readonly cut: () => void}) => () => void;
	/** Called when all addresses are listened on. */
	readonly onListening: (addresses: readonly ListenAddress[], prepared: PreparedRegistry | undefined) => void;
}

/** How long what is being opened may take to be open, and then be closed in order, once there is an order to stop. */
const openWithinMs = 5000;

/** Ended before it served. What was being opened is left as it is: as after a crash. */
class StartBrokenOffError extends Error {
	readonly code = 'START_BROKEN_OFF';

	constructor() {
		super('told to stop before everything was open');
		this.name = 'StartBrokenOffError';
	}
}

/**
 * Serves until it is told to stop. Resolves when every request has ended and everything is closed. Rejects when something
 * cannot be opened, or does not come to be open once it is told to stop.
 */
export async function runRegistry({onStop, onListening, ...parts}: RunParts): Promise<void> {
	const stopped = Promise.withResolvers<void>();
	const cut = Promise.withResolvers<void>();
	// Before anything is opened, so that an order to stop is not lost that comes meanwhile.
	const off = onStop({stop: stopped.resolve, cut: cut.resolve});
	try {
		const registry = await openUnlessStopped(parts, {stopped: stopped.promise, cut: cut.promise});
		void cut.promise.then(() => registry.cut());
		onListening(registry.addresses, registry.prepared);
		await stopped.promise;
		await registry.stop();
	} finally {
		off();
	}
}

interface Orders {
	readonly stopped: Promise<void>;
	readonly cut: Promise<void>;
}

async function openUnlessStopped(parts: OpenRegistryParts, {stopped, cut}: Orders): Promise<Registry> {
	const over = new AbortController();
	const end = () => over.abort(new StartBrokenOffError());
	let opening = true;
	let timer: NodeJS.Timeout | undefined;
	void stopped.then(() => (timer = opening ? setTimeout(end, openWithinMs) : undefined));
	void cut.then(end);
	try {
		return await unlessAborted(openRegistry(parts), over.signal);
	} finally {
		opening = false;
		clearTimeout(timer);
	}
}
