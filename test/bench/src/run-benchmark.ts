import {BenchmarkError} from './benchmark-error.ts';
import type {Benchmark, Sample, Scale} from './benchmark.ts';
import type {Contender} from './contender.ts';
import {type Result, summarise} from './summary.ts';

/**
 * Lets the contenders take turns, so that what slows the machine down for a while slows all of them. Rejects with
 * `BenchmarkError`.
 */
export async function runBenchmark(
	benchmark: Benchmark,
	contenders: readonly Contender[],
	scale: Scale,
): Promise<Result[]> {
	const samples = new Map<Contender, Sample[]>(contenders.map(contender => [contender, []]));
	const inTurn = async (words: string, work: (contender: Contender) => Promise<unknown>) => {
		console.error(`# ${benchmark.name}: ${words}`);
		for (const contender of contenders) {
			await attempt(benchmark, contender, work);
		}
	};
	await inTurn('preparing', contender => benchmark.prepare(contender, scale));
	const rounds = benchmark.once ? 1 : scale.rounds;
	if (!benchmark.once) {
		await inTurn('warming up', contender => benchmark.measure(contender, scale));
	}
	for (let round = 1; round <= rounds; round += 1) {
		await inTurn(`round ${round} of ${rounds}`, async contender => {
			samples.get(contender)!.push(await benchmark.measure(contender, scale));
		});
	}
	return contenders.map(contender => ({
		benchmark: benchmark.name,
		title: benchmark.title,
		contender: contender.name,
		summaries: summarise(samples.get(contender)!),
	}));
}

async function attempt(
	{name}: Benchmark,
	contender: Contender,
	work: (contender: Contender) => Promise<unknown>,
): Promise<void> {
	try {
		await work(contender);
	} catch (error) {
		throw new BenchmarkError(name, contender, await contender.output(), error);
	}
}
