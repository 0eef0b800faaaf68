import {UpstreamError} from './upstream-error.ts';

/** Remembers that the upstream could not be reached, so that not every client waits to find it out again. */
export class Availability {
	readonly #periodMs: number;
	#until = 0;

	constructor({assumedOfflinePeriodSecs}: {readonly assumedOfflinePeriodSecs: number}) {
		this.#periodMs = assumedOfflinePeriodSecs * 1000;
	}

	/** Rejects without a try when one has just failed; else does `work`, and remembers when that does not reach the upstream. */
	async run<Result>(work: () => Promise<Result>): Promise<Result> {
		this.#check();
		try {
			const result = await work();
			this.#until = 0;
			return result;
		} catch (error) {
			if (error instanceof UpstreamError && error.trouble === 'unreachable') {
				this.#until = performance.now() + this.#periodMs;
			}
			throw error;
		}
	}

	#check(): void {
		const left = this.#until - performance.now();
		if (left > 0) {
			throw new UpstreamError('unreachable', 'UNAVAILABLE', 'the upstream did not answer a short while ago', {
				headers: {'Retry-After': String(Math.ceil(left / 1000))},
			});
		}
	}
}
