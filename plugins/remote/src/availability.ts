import {SingleFlight} from './single-flight.ts';
import {UpstreamError} from './upstream-error.ts';

/** Remembers that the upstream could not be reached, so that not every client waits to find it out again. */
export class Availability {
	readonly #periodMs: number;
	readonly #isDown: () => Promise<boolean>;
	readonly #probes = new SingleFlight<boolean>();
	#until = 0;

	/** `isDown` finds out whether an upstream that says so of one thing says it of all: it may be a proxy itself. */
	constructor({assumedOfflinePeriodSecs}: {readonly assumedOfflinePeriodSecs: number}, isDown: () => Promise<boolean>) {
		this.#periodMs = assumedOfflinePeriodSecs * 1000;
		this.#isDown = isDown;
	}

	/** Rejects without a try when one has just failed; else does `work`, and remembers when that does not reach the upstream. */
	async run<Result>(work: () => Promise<Result>): Promise<Result> {
		this.check();
		try {
			const result = await work();
			this.#until = 0;
			return result;
		} catch (error) {
			if (error instanceof UpstreamError && error.trouble === 'unreachable' && (await this.#isOffline(error))) {
				this.#until = performance.now() + this.#msAfter(error);
			}
			throw error;
		}
	}

	/** Throws when a try has just failed. Enough before work that can fail by itself, as lists do that take too long. */
	check(): void {
		const left = this.#until - performance.now();
		if (left > 0) {
			throw new UpstreamError('unreachable', 'UNAVAILABLE', 'the upstream could not be reached a short while ago', {
				headers: {'Retry-After': String(Math.ceil(left / 1000))},
			});
		}
	}

	async #isOffline({answered}: UpstreamError): Promise<boolean> {
		return this.#periodMs > 0 && (answered === undefined || this.#probes.run('', this.#isDown));
	}

	/** An upstream that says when to come again is tried then, if that is sooner. */
	#msAfter({headers}: UpstreamError): number {
		const seconds = headers['retry-after'] ?? '';
		return /^\d{1,9}$/.test(seconds) ? Math.min(Number(seconds) * 1000, this.#periodMs) : this.#periodMs;
	}
}
