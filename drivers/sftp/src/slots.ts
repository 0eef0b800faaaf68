/** Lets so many proceed at a time, in the order in which they asked. */
export class Slots {
	#free: number;
	readonly #waiting: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	/** Resolves when it is the caller's turn, who has to call `give` once afterwards. */
	async take(): Promise<void> {
		if (this.#free > 0) {
			this.#free -= 1;
			return;
		}
		const {promise, resolve} = Promise.withResolvers<void>();
		this.#waiting.push(resolve);
		await promise;
	}

	give(): void {
		const next = this.#waiting.shift();
		if (next === undefined) {
			this.#free += 1;
		} else {
			next();
		}
	}
}
