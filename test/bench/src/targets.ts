import type {Quantity} from './benchmark.ts';
import type {Result} from './summary.ts';

/** What the registry on SQLite has to reach. */
interface Target {
	readonly benchmark: string;
	readonly words: string;
	readonly quantity: Quantity;
	/** How often better than the peer at least. */
	readonly times?: number;
	/** The most that is allowed. */
	readonly most?: number;
}

const targets: readonly Target[] = [
	{benchmark: 'manifest-get', words: 'less CPU', quantity: 'cpuMicroseconds', times: 15},
	{benchmark: 'receive', words: 'faster', quantity: 'megabytesPerSecond', times: 2.2},
	{benchmark: 'send', words: 'as fast', quantity: 'megabytesPerSecond', times: 1},
	{benchmark: 'catalog', words: 'faster', quantity: 'milliseconds', times: 20},
	{benchmark: 'tags', words: 'faster', quantity: 'milliseconds', times: 20},
	{benchmark: 'parallel', words: 'MiB resident', quantity: 'peakMebibytes', most: 200},
];

export interface Verdict {
	readonly benchmark: string;
	readonly target: string;
	readonly reached: number;
	readonly met: boolean;
}

/** The targets that the results tell of. */
export function judge(results: readonly Result[]): Verdict[] {
	return targets.flatMap(target => {
		const ours = medianOf(results, target, 'stowage-sqlite');
		const theirs = medianOf(results, target, 'docker-registry');
		if (ours === undefined || (target.times !== undefined && theirs === undefined)) {
			return [];
		}
		return [verdictOn(target, ours, theirs)];
	});
}

function verdictOn({benchmark, words, quantity, times, most}: Target, ours: number, theirs = 0): Verdict {
	if (times === undefined) {
		return {benchmark, target: `at most ${most} ${words}`, reached: ours, met: ours <= most!};
	}
	const reached = quantity === 'megabytesPerSecond' ? ours / theirs : theirs / ours;
	return {benchmark, target: `${times} times ${words}`, reached, met: reached >= times};
}

function medianOf(results: readonly Result[], {benchmark, quantity}: Target, contender: string): number | undefined {
	return results.find(result => result.benchmark === benchmark && result.contender === contender)?.summaries[quantity]
		?.median;
}
