import {type Quantity, quantities, type Sample} from './benchmark.ts';

/** A quantity over the rounds. */
export interface Summary {
	readonly median: number;
	readonly min: number;
	readonly max: number;
	readonly rounds: readonly number[];
}

export type Summaries = Readonly<Partial<Record<Quantity, Summary>>>;

/** What a benchmark gave on one contender. */
export interface Result {
	readonly benchmark: string;
	readonly title: string;
	readonly contender: string;
	readonly summaries: Summaries;
}

export function summarise(samples: readonly Sample[]): Summaries {
	const names = (Object.keys(quantities) as Quantity[]).filter(name => samples[0]?.[name] !== undefined);
	return Object.fromEntries(names.map(name => [name, summaryOf(samples.map(sample => sample[name]!))]));
}

function summaryOf(rounds: readonly number[]): Summary {
	const sorted = rounds.toSorted((a, b) => a - b);
	const middle = sorted.length / 2;
	const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
	return {median, min: sorted[0]!, max: sorted.at(-1)!, rounds};
}
