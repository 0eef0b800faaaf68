import type {ListenAddress} from '../config/listen-address.ts';

/** From a worker to the process that started it. */
export interface WorkerReady {
	readonly kind: 'listening';
	readonly addresses: readonly ListenAddress[];
}

/** From a worker that is asked for measurements, for those of all workers. */
export interface MetricsQuestion {
	readonly kind: 'metrics';
	readonly id: number;
}

/** Without a text when they could not be gathered. */
export interface MetricsAnswer extends MetricsQuestion {
	readonly text?: string;
}

/** From the first process to a worker. */
export interface WorkerOrder {
	readonly kind: 'stop' | 'cut';
}

/** Tells the process that started this worker where it listens. */
export function reportListening(addresses: readonly ListenAddress[]): void {
	process.send?.({kind: 'listening', addresses} satisfies WorkerReady);
}

/**
 * Lets the first process end this worker. Signals are not heeded here: Ctrl-C reaches every process of a terminal, and
 * the first one passes on what it gets, so that each would count twice.
 */
export function onWorkerOrder(actions: Readonly<Record<WorkerOrder['kind'], () => void>>): () => void {
	const onMessage = (message: unknown) => {
		const kind = (message as WorkerOrder | undefined)?.kind;
		if (kind === 'stop' || kind === 'cut') {
			actions[kind]();
		}
	};
	process.on('SIGTERM', heedNot);
	process.on('SIGINT', heedNot);
	process.on('message', onMessage);
	return () => {
		process.off('SIGTERM', heedNot);
		process.off('SIGINT', heedNot);
		process.off('message', onMessage);
	};
}

function heedNot(): undefined {
	return undefined;
}
