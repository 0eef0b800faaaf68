import {setTimeout} from 'node:timers/promises';

export interface RetryOptions {
	readonly mayRetry: (error: unknown) => boolean;
	readonly maxDelayMs: number;
	/** No new attempt begins after this. */
	readonly limitMs: number;
}

/** Does `work` again, after a random delay that grows, until it succeeds, fails otherwise, or the limit has passed. */
export async function retry<Result>(work: () => Promise<Result>, options: RetryOptions): Promise<Result> {
	const end = performance.now() + options.limitMs;
	for (let delayMs = 2; ; delayMs = Math.min(delayMs * 2, options.maxDelayMs)) {
		try {
			return await work();
		} catch (error) {
			if (!options.mayRetry(error) || performance.now() > end) {
				throw error;
			}
		}
		await setTimeout(Math.random() * delayMs);
	}
}
