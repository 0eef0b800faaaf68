import type {Benchmark, Sample, Scale} from '../benchmark.ts';
import type {Contender} from '../contender.ts';
import {cpuSeconds} from '../cpu-time.ts';
import {manifestType, RegistryClient} from '../registry-client.ts';
import {ab, type Load, type LoadResult, wrk} from '../load.ts';

const image = 'bench/manifest';

/** Reading a manifest by its tag with a bearer token, which is what every pull begins with. */
export function manifestRead(method: 'GET' | 'HEAD'): Benchmark {
	const ask = method === 'GET' ? wrk : ab;
	return {
		name: `manifest-${method.toLowerCase()}`,
		title: `${method} manifest by tag with a token`,
		async prepare(contender) {
			const client = new RegistryClient(contender);
			await client.pushImage(image);
			await client.close();
		},
		measure: (contender, scale) => measure(contender, scale, ask),
	};
}

async function measure(
	contender: Contender,
	{seconds}: Scale,
	ask: (load: Load) => Promise<LoadResult>,
): Promise<Sample> {
	const authorization = await contender.pullAuthorization(image);
	const before = await usedBy(contender);
	const result = await ask({
		url: `${contender.url}/v2/${contender.prefix}${image}/manifests/latest`,
		headers: {Accept: manifestType, ...(authorization !== undefined && {Authorization: authorization})},
		seconds,
	});
	const after = await usedBy(contender);
	const perRequest = (used: number) => (used / result.requests) * 1e6;
	return {
		cpuMicroseconds: perRequest(after.server - before.server),
		perSecond: result.perSecond,
		...(contender.databasePid !== undefined && {databaseMicroseconds: perRequest(after.database - before.database)}),
	};
}

async function usedBy({pid, databasePid}: Contender): Promise<{server: number; database: number}> {
	return {server: await cpuSeconds(pid), database: databasePid === undefined ? 0 : await cpuSeconds(databasePid)};
}
