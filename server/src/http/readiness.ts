import type {Abortable, Logger} from '@stowage/core';

/** Something without which this server cannot serve. */
export interface ReadinessCheck {
	/** As an operator knows it: `database`, `storage "default"`. Shown to anybody. */
	readonly name: string;
	/** Rejects when it does not work; why goes into the log only. */
	check(options: Required<Abortable>): Promise<void>;
}

export interface ReadinessOptions {
	readonly checks: readonly ReadinessCheck[];
	readonly logger: Logger;
	/** How long an answer is good for, in milliseconds; 2,000 unless told. */
	readonly cacheMs?: number;
	/** How long one check may take, in milliseconds; 5,000 unless told. */
	readonly timeoutMs?: number;
}

/** Whether this server should be sent requests. */
export class Readiness {
	readonly #options: ReadinessOptions;
	#stopping = false;
	#last: {readonly at: number; readonly down: Promise<readonly string[]>} | undefined;

	constructor(options: ReadinessOptions) {
		this.#options = options;
	}

	/** From now on the server is not ready, so that nothing new is sent to it while it stops. */
	stop(): void {
		this.#stopping = true;
	}

	/** Names of what is down; empty when ready. However often it is asked, the checks run once in the time they are good for. */
	async down(): Promise<readonly string[]> {
		if (this.#stopping) {
			return ['server (stopping)'];
		}
		const now = performance.now();
		if (this.#last === undefined || now - this.#last.at > (this.#options.cacheMs ?? 2000)) {
			this.#last = {at: now, down: this.#run()};
		}
		return this.#last.down;
	}

	async #run(): Promise<readonly string[]> {
		const {checks, logger, timeoutMs = 5000} = this.#options;
		const results = await Promise.all(
			checks.map(async check => {
				try {
					await withTimeout(signal => check.check({signal}), timeoutMs);
					return [];
				} catch (error) {
					logger.warn({check: check.name, err: error}, 'not ready');
					return [check.name];
				}
			}),
		);
		return results.flat();
	}
}

/** Does not wait for a check that does not heed its signal. */
async function withTimeout(check: (signal: AbortSignal) => Promise<void>, timeoutMs: number): Promise<void> {
	const signal = AbortSignal.timeout(timeoutMs);
	const {promise, reject} = Promise.withResolvers<never>();
	signal.addEventListener('abort', () => reject(signal.reason as Error), {once: true});
	await Promise.race([check(signal), promise]);
}
