/** How many values were in which bucket. */
export class BucketCounts {
	/** The last one is of those above all bounds. */
	readonly buckets: number[];
	sum = 0;
	readonly #bounds: readonly number[];

	constructor(bounds: readonly number[]) {
		this.#bounds = bounds;
		this.buckets = Array.from({length: bounds.length + 1}, () => 0);
	}

	observe(value: number): void {
		let index = 0;
		while (value > (this.#bounds[index] ?? Infinity)) {
			index += 1;
		}
		this.buckets[index]! += 1;
		this.sum += value;
	}
}
