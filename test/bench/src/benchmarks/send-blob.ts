import {readFile} from 'node:fs/promises';
import type {Benchmark} from '../benchmark.ts';
import {cpuSeconds} from '../cpu-time.ts';
import {curl} from '../curl.ts';
import {digestOf, RegistryClient} from '../registry-client.ts';

const image = 'bench/send';
/** Transfers of a round: processor time is told in steps of 10 ms only. */
const transfers = 4;

/** Sending a large blob from the file system's cache. */
export function sendBlob(file: string): Benchmark {
	let digest: string | undefined;
	return {
		name: 'send',
		title: 'send a large blob',
		async prepare(contender) {
			const client = new RegistryClient(contender);
			const content = await readFile(file);
			digest ??= digestOf(content);
			await client.pushBlob(image, content);
			await client.close();
		},
		async measure(contender, {blobBytes}) {
			const authorization = await contender.pullAuthorization(image);
			const url = `${contender.url}/v2/${contender.prefix}${image}/blobs/${digest}`;
			const before = await cpuSeconds(contender.pid);
			const headers: Record<string, string> = authorization === undefined ? {} : {Authorization: authorization};
			let seconds = 0;
			for (let transfer = 0; transfer < transfers; transfer += 1) {
				seconds += (await curl({url, headers, expected: 200})).seconds;
			}
			const used = (await cpuSeconds(contender.pid)) - before;
			return {megabytesPerSecond: (blobBytes * transfers) / seconds / 1e6, cpuSeconds: used / transfers};
		},
	};
}
