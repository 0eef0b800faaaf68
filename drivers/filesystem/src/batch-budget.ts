const largest = 512 * 1024;
const smallest = 128 * 1024;
/** For all uploads of a driver together. Each holds two batches: one that is written and one that is gathered. */
const together = 4 * 1024 * 1024;

/**
 * Shares memory among the uploads of one driver: few gather large batches, which need up to a tenth less processor time,
 * and many gather small ones.
 */
export class BatchBudget {
	#uploads = 0;

	/** Bytes that an upload gathers before it writes them, as things stand. */
	get batchSize(): number {
		return Math.max(smallest, Math.min(largest, Math.floor(together / this.#uploads)));
	}

	/** Counts an upload until what it gives is disposed. */
	enter(): Disposable {
		this.#uploads += 1;
		return {
			[Symbol.dispose]: () => {
				this.#uploads -= 1;
			},
		};
	}
}
