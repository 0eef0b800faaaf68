import type {Contender} from './contender.ts';

const shownCharacters = 3000;

/** A benchmark could not be done on a contender. The message has the end of what that printed. */
export class BenchmarkError extends Error {
	readonly code = 'BENCHMARK_FAILED';

	constructor(benchmark: string, {name}: Contender, output: string, cause: unknown) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		super(`${benchmark} on ${name}: ${reason}\n${output.slice(-shownCharacters)}`, {cause});
		this.name = 'BenchmarkError';
	}
}
