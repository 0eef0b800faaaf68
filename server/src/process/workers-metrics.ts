import {AggregatorRegistry, type Registry} from 'prom-client';
import type {MetricsAnswer, MetricsQuestion} from './worker-channel.ts';

/** The first process did not get the measurements of all its workers together. */
class MetricsNotGatheredError extends Error {
	readonly code = 'METRICS_NOT_GATHERED';

	constructor() {
		super('a worker did not tell its measurements');
		this.name = 'MetricsNotGatheredError';
	}
}

/** In a worker: the measurements of all workers together, which the first process gathers, as `WorkerPool` does. */
export class WorkersMetrics {
	readonly #asked = new Map<number, PromiseWithResolvers<string>>();
	/** Lets this worker tell the first process what it has measured itself. */
	readonly #told = new AggregatorRegistry();
	#count = 0;

	constructor(own: Registry) {
		AggregatorRegistry.setRegistries([this.#told, own]);
		process.on('message', (message: unknown) => {
			const {kind, id, text} = message as Partial<MetricsAnswer>;
			if (kind === 'metrics' && id !== undefined) {
				this.#end(id, text);
			}
		});
	}

	/** In the text format of Prometheus. Rejects when a worker does not answer within 5 seconds. */
	async text(): Promise<string> {
		const id = this.#count++;
		const asked = Promise.withResolvers<string>();
		this.#asked.set(id, asked);
		process.send?.({kind: 'metrics', id} satisfies MetricsQuestion);
		return asked.promise;
	}

	#end(id: number, text: string | undefined): void {
		const asked = this.#asked.get(id);
		this.#asked.delete(id);
		if (text === undefined) {
			asked?.reject(new MetricsNotGatheredError());
		} else {
			asked?.resolve(text);
		}
	}
}
