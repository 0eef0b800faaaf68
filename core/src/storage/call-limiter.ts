import type {Abortable} from '../types/abortable.ts';

/** Lets a number of calls run at a time; others wait in the order in which they came, or until their signal aborts. */
export class CallLimiter {
	#free: number;
	readonly #waiting = new Set<() => void>();

	constructor(limit: number) {
		if (!Number.isSafeInteger(limit) || limit < 1) {
			throw new RangeError(`a limit of ${limit} calls is not a whole number above zero`);
		}
		this.#free = limit;
	}

	/** Rejects with `signal.reason` when that aborts before the turn of this call; from then on the call itself minds it. */
	async run<Result>(call: () => Promise<Result>, {signal}: Abortable = {}): Promise<Result> {
		signal?.throwIfAborted();
		if (this.#free > 0) {
			this.#free -= 1;
		} else {
			await this.#turn(signal);
		}
		try {
			return await call();
		} finally {
			this.#pass();
		}
	}

	#turn(signal: AbortSignal | undefined): Promise<void> {
		const {promise, resolve, reject} = Promise.withResolvers<void>();
		const leave = () => {
			this.#waiting.delete(enter);
			reject(signal?.reason as Error);
		};
		const enter = () => {
			signal?.removeEventListener('abort', leave);
			resolve();
		};
		this.#waiting.add(enter);
		signal?.addEventListener('abort', leave, {once: true});
		return promise;
	}

	/** Hands the place on to who waits longest. */
	#pass(): void {
		const [next] = this.#waiting;
		if (next === undefined) {
			this.#free += 1;
		} else {
			this.#waiting.delete(next);
			next();
		}
	}
}
