import {type Quantity, quantities} from './benchmark.ts';
import type {Result, Summary} from './summary.ts';
import type {Verdict} from './targets.ts';

/** Medians, with the range of the rounds, and how they stand to the peer's. */
export function resultTable(results: readonly Result[]): string {
	const rows = results.flatMap(result =>
		(Object.entries(result.summaries) as [Quantity, Summary][]).map(([quantity, summary]) => {
			const peer = results.find(other => other.benchmark === result.benchmark && other.contender === 'docker-registry');
			const theirs = peer?.summaries[quantity]?.median;
			return [
				result.benchmark,
				result.contender,
				quantities[quantity],
				short(summary.median),
				summary.rounds.length === 1 ? '' : `${short(summary.min)}..${short(summary.max)}`,
				theirs === undefined || peer === result ? '' : `${short(summary.median / theirs)} x`,
			];
		}),
	);
	return aligned([['benchmark', 'registry', 'quantity', 'median', 'min..max', "of the peer's"], ...rows]);
}

export function verdictTable(verdicts: readonly Verdict[]): string {
	return aligned([
		['target', '', 'reached', ''],
		...verdicts.map(({benchmark, target, reached, met}) => [benchmark, target, short(reached), met ? 'met' : 'MISSED']),
	]);
}

function short(value: number): string {
	return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 0.01)))));
}

function aligned(rows: readonly (readonly string[])[]): string {
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
	return rows
		.map(row =>
			row
				.map((cell, column) => cell.padEnd(widths[column]!))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}
