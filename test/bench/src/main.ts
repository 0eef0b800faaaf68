import {randomFillSync} from 'node:crypto';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Benchmark} from './benchmark.ts';
import {catalogPage, tagsPage} from './benchmarks/list-page.ts';
import {manifestRead} from './benchmarks/manifest-read.ts';
import {parallelPushes} from './benchmarks/parallel-pushes.ts';
import {receiveBlob} from './benchmarks/receive-blob.ts';
import {sendBlob} from './benchmarks/send-blob.ts';
import type {Contender} from './contender.ts';
import {type BenchOptions, readOptions} from './options.ts';
import {runBenchmark} from './run-benchmark.ts';
import {startContender} from './start-contenders.ts';
import type {Result} from './summary.ts';
import {resultTable, verdictTable} from './table.ts';
import {judge} from './targets.ts';

const resultFolder = join(import.meta.dirname, '../results');

function benchmarksIn(folder: string): Benchmark[] {
	const blob = join(folder, 'blob');
	return [
		manifestRead('GET'),
		manifestRead('HEAD'),
		receiveBlob(blob),
		sendBlob(blob),
		catalogPage,
		tagsPage,
		parallelPushes(blob),
	];
}

async function measure(folder: string, options: BenchOptions): Promise<Result[]> {
	const contenders: Contender[] = [];
	const results: Result[] = [];
	try {
		await writeFile(join(folder, 'blob'), randomFillSync(Buffer.alloc(options.scale.blobBytes)));
		for (const name of options.contenders) {
			contenders.push(await startContender[name](join(folder, name)));
		}
		for (const benchmark of benchmarksIn(folder)) {
			if (options.benchmarks.length === 0 || options.benchmarks.includes(benchmark.name)) {
				results.push(...(await runBenchmark(benchmark, contenders, options.scale)));
			}
		}
		return results;
	} finally {
		await Promise.all(contenders.map(contender => contender.stop()));
	}
}

async function main(words: readonly string[]): Promise<void> {
	const options = readOptions(
		words,
		benchmarksIn('').map(({name}) => name),
	);
	const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
	try {
		const results = await measure(folder, options);
		const verdicts = judge(results);
		const date = new Date().toISOString();
		const machine = {processors: cpus().length, model: cpus()[0]?.model, node: process.version};
		const file = join(resultFolder, `${date.replaceAll(':', '-')}.json`);
		await mkdir(resultFolder, {recursive: true});
		await writeFile(file, `${JSON.stringify({date, machine, options, verdicts, results}, undefined, '\t')}\n`);
		console.log(`${resultTable(results)}\n\n${verdictTable(verdicts)}\n\n${file}`);
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
}

try {
	await main(process.argv.slice(2));
} catch (error) {
	console.error(error instanceof TypeError ? error.message : error);
	process.exitCode = 1;
}
