import type {Logger} from '@stowage/core';

/** From this age on it is read again, without anybody waiting for it. */
const refreshAfterMs = 2000;
/** From this age on it is not relied on. */
const staleAfterMs = 4000;

export interface WatchedParts<Value> {
	/** In the words of a log line that says what could not be read again. */
	readonly what: string;
	readonly read: () => Promise<Value>;
	readonly logger: Logger;
	readonly now: () => number;
}

/** A value of the database, at most four seconds old for who asks `refresh` before he looks at it. */
export class Watched<Value> {
	readonly #parts: WatchedParts<Value>;
	#value: Value;
	#readAt: number;
	#expiredAt = -Infinity;
	#reading: Promise<void> | undefined;

	/** `readAt` in milliseconds since 1970, like `now`. */
	constructor(parts: WatchedParts<Value>, value: Value, readAt: number) {
		this.#parts = parts;
		this.#value = value;
		this.#readAt = readAt;
	}

	static async open<Value>(parts: WatchedParts<Value>): Promise<Watched<Value>> {
		const readAt = parts.now();
		return new Watched(parts, await parts.read(), readAt);
	}

	get value(): Value {
		return this.#value;
	}

	/** Undefined when what is known is recent; else resolves when it is again. */
	refresh(): Promise<void> | undefined {
		const age = this.#parts.now() - this.#readAt;
		if (age >= staleAfterMs || this.#readAt <= this.#expiredAt) {
			return this.readAgain();
		}
		if (age < refreshAfterMs) {
			return undefined;
		}
		this.readAgain().catch((error: unknown) => {
			this.#parts.logger.warn({err: error}, `${this.#parts.what} could not be read again`);
		});
		return undefined;
	}

	/** From now on what was read before is not relied on: for who has just changed it. */
	expire(): void {
		this.#expiredAt = this.#parts.now();
	}

	/** Shared by all who want it while it goes on. */
	readAgain(): Promise<void> {
		this.#reading ??= this.#read().finally(() => {
			this.#reading = undefined;
		});
		return this.#reading;
	}

	async #read(): Promise<void> {
		const askedAt = this.#parts.now();
		this.#value = await this.#parts.read();
		this.#readAt = askedAt;
	}
}
