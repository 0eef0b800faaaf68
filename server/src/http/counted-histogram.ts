import {Histogram} from 'prom-client';
import type {BucketCounts} from './bucket-counts.ts';

export interface CountedHistogramParts<Label extends string> {
	readonly name: string;
	readonly help: string;
	/** Upper bounds, the lowest first. */
	readonly bounds: readonly number[];
	/** All that was counted so far. Asked whenever somebody reads the measurements. */
	readonly counts: () => Iterable<readonly [labels: Record<Label, string>, counted: BucketCounts]>;
}

/** A histogram of values that are counted by who has them: prom-client's way for each value costs as much as a query. */
export class CountedHistogram<Label extends string> extends Histogram<Label> {
	readonly #parts: CountedHistogramParts<Label>;

	constructor(parts: CountedHistogramParts<Label>) {
		super({name: parts.name, help: parts.help, buckets: [...parts.bounds], registers: []});
		this.#parts = parts;
	}

	/** Where prom-client takes what it shows from, in each of its formats. */
	async getForPromString() {
		const {name, help, counts} = this.#parts;
		const values = Array.from(counts(), ([labels, counted]) => this.#valuesOf(labels, counted)).flat();
		return {name, help, type: 'histogram', aggregator: 'sum', values};
	}

	#valuesOf(sharedLabels: Record<Label, string>, {buckets, sum}: BucketCounts) {
		const {name, bounds} = this.#parts;
		let count = 0;
		const upTo = buckets.map((values, index) => {
			count += values;
			return {metricName: `${name}_bucket`, labels: {le: bounds[index] ?? '+Inf'}, sharedLabels, value: count};
		});
		return [
			...upTo,
			{metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum},
			{metricName: `${name}_count`, labels: {}, sharedLabels, value: count},
		];
	}
}
