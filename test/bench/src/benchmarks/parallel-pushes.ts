import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {Readable} from 'node:stream';
import type {Benchmark} from '../benchmark.ts';
import {cpuSeconds} from '../cpu-time.ts';
import {forgetPeakMemory, peakMemory} from '../peak-memory.ts';
import {RegistryClient} from '../registry-client.ts';

const chunkBytes = 256 * 1024;

/** Large blobs pushed at once, each another: memory must not grow with their size or number. */
export function parallelPushes(file: string): Benchmark {
	return {
		name: 'parallel',
		title: 'large blobs pushed at once',
		once: true,
		async prepare(contender) {
			const client = new RegistryClient(contender);
			await client.pushImage('bench/parallel-0');
			await client.close();
		},
		async measure(contender, {blobBytes, parallelPushes: count}) {
			const content = await readFile(file);
			const heads = Array.from({length: count}, (_, index) => Buffer.from(`${contender.name} ${index}\n`));
			const digests = heads.map(head => createHash('sha256').update(head).update(content).digest('hex'));
			const client = new RegistryClient(contender);
			await forgetPeakMemory(contender.pid);
			const before = await cpuSeconds(contender.pid);
			const started = performance.now();
			await Promise.all(
				heads.map(async (head, index) => {
					const location = await client.startUpload(`bench/parallel-${index}`);
					const body = Readable.from(chunksOf(head, content), {objectMode: false});
					const continued = await client.call(location, {method: 'PATCH', body, expected: 202});
					await client.finishUpload(continued, `sha256:${digests[index]}`);
				}),
			);
			const seconds = (performance.now() - started) / 1000;
			const used = (await cpuSeconds(contender.pid)) - before;
			await client.close();
			return {
				peakMebibytes: await peakMemory(contender.pid),
				megabytesPerSecond: (blobBytes * count) / seconds / 1e6,
				cpuSeconds: used,
			};
		},
	};
}

async function* chunksOf(head: Buffer, content: Buffer): AsyncGenerator<Buffer> {
	yield head;
	for (let start = 0; start < content.length; start += chunkBytes) {
		yield content.subarray(start, start + chunkBytes);
	}
}
