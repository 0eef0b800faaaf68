import type {Benchmark} from '../benchmark.ts';
import {cpuSeconds} from '../cpu-time.ts';
import {curl} from '../curl.ts';
import {RegistryClient} from '../registry-client.ts';

const image = 'bench/receive';

/** Receiving a large blob in one PATCH. The upload is given up afterwards, so that rounds do not fill the disk. */
export function receiveBlob(file: string): Benchmark {
	return {
		name: 'receive',
		title: 'receive a large blob in one PATCH',
		async prepare(contender) {
			const client = new RegistryClient(contender);
			await client.pushImage(image);
			await client.close();
		},
		async measure(contender, {blobBytes}) {
			const client = new RegistryClient(contender);
			const started = await client.startUpload(image);
			const before = await cpuSeconds(contender.pid);
			const {seconds, location} = await curl({
				url: started,
				method: 'PATCH',
				headers: {
					'Content-Type': 'application/octet-stream',
					...(contender.authorization !== undefined && {Authorization: contender.authorization}),
				},
				upload: file,
				expected: 202,
			});
			const used = (await cpuSeconds(contender.pid)) - before;
			await client.call(new URL(location, started).href, {method: 'DELETE', expected: 204});
			await client.close();
			return {megabytesPerSecond: blobBytes / seconds / 1e6, cpuSeconds: used};
		},
	};
}
