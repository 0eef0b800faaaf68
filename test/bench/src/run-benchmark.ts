import type {Benchmark, Sample, Scale} from './benchmark.ts';
import type {Contender} from './contender.ts';
import {type Result, summarise} from './summary.ts';

/** Lets the contenders take turns, so that what slows the machine down for a while slows all of them. */
export async function runBenchmark(
	benchmark: Benchmark,
	contenders: readonly Contender[],
	scale: Scale,
): Promise<Result[]> {
	const samples = new Map<Contender, Sample[]>(contenders.map(contender => [contender, []]));
	for (const contender of contenders) {
		console.error(`# ${benchmark.name}: preparing ${contender.name}`);
		await benchmark.prepare(contender, scale);
	}
	const rounds = benchmark.once ? 1 : scale.rounds;
	if (!benchmark.once) {
		console.error(`# ${benchmark.name}: warming up`);
		for (const contender of contenders) {
			await benchmark.measure(contender, scale);
		}
	}
	for (let round = 1; round <= rounds; round += 1) {
		console.error(`# ${benchmark.name}: round ${round} of ${rounds}`);
		for (const contender of contenders) {
			samples.get(contender)!.push(await benchmark.measure(contender, scale));
		}
	}
	return contenders.map(contender => ({
		benchmark: benchmark.name,
		title: benchmark.title,
		contender: contender.name,
		summaries: summarise(samples.get(contender)!),
	}));
}
