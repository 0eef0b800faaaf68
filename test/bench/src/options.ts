import {parseArgs} from 'node:util';
import type {Scale} from './benchmark.ts';
import {type ContenderName, contenderNames} from './start-contenders.ts';

export interface BenchOptions {
	/** Names of benchmarks; all of them when empty. */
	readonly benchmarks: readonly string[];
	readonly contenders: readonly ContenderName[];
	readonly scale: Scale;
	readonly quick: boolean;
}

export const usage = `npm run bench -- [--quick] [--rounds N] [--registry NAME]... [BENCHMARK]...
  --quick          small and short: to see that it works
  --rounds N       rounds of each benchmark (5)
  --registry NAME  one of ${contenderNames.join(', ')}; may be repeated (all)`;

const mebibyte = 1024 * 1024;
const whole: Scale = {seconds: 3, rounds: 5, blobBytes: 256 * mebibyte, names: 10_000, parallelPushes: 16};
const small: Scale = {seconds: 1, rounds: 2, blobBytes: 32 * mebibyte, names: 500, parallelPushes: 16};

/** Throws a `TypeError` with words for the user when the options are not right. */
export function readOptions(words: readonly string[], known: readonly string[]): BenchOptions {
	const {values, positionals} = parseArgs({
		args: [...words],
		allowPositionals: true,
		options: {
			quick: {type: 'boolean', default: false},
			rounds: {type: 'string'},
			registry: {type: 'string', multiple: true},
		},
	});
	const contenders = contenderNames.filter(name => values.registry?.includes(name) ?? true);
	const unknown = [
		...positionals.filter(name => !known.includes(name)),
		...(values.registry ?? []).filter(name => !(contenderNames as readonly string[]).includes(name)),
	];
	if (unknown.length > 0) {
		throw new TypeError(`there is no ${unknown.join(', ')}; benchmarks are ${known.join(', ')}\n${usage}`);
	}
	const scale = values.quick ? small : whole;
	const rounds = Number(values.rounds ?? scale.rounds);
	if (!Number.isInteger(rounds) || rounds < 1) {
		throw new TypeError(`--rounds takes a number of 1 or more\n${usage}`);
	}
	return {benchmarks: positionals, contenders, scale: {...scale, rounds}, quick: values.quick};
}
