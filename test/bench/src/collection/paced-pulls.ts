import {setTimeout as sleep} from 'node:timers/promises';
import {Pool} from 'undici';

export interface PacedPulls {
	readonly url: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Begun in a second, whether those before have ended or not. */
	readonly perSecond: number;
	/** Until this aborts. */
	readonly signal: AbortSignal;
}

export interface PullLatencies {
	readonly pulls: number;
	/** Milliseconds from when a pull was due. */
	readonly p50: number;
	readonly p99: number;
}

/** Pulls at an even pace and gives how long they took. Rejects when one failed. */
export async function pullPaced({url, path, headers, perSecond, signal}: PacedPulls): Promise<PullLatencies> {
	const pool = new Pool(url, {connections: 32});
	const latencies: number[] = [];
	const pulls = new Set<Promise<void>>();
	const failures: unknown[] = [];
	const pull = async (due: number) => {
		const {statusCode, body} = await pool.request({path, method: 'GET', headers: {...headers}});
		await body.dump();
		if (statusCode !== 200) {
			throw new Error(`${path}: status ${statusCode}`);
		}
		latencies.push(performance.now() - due);
	};
	const begin = performance.now();
	for (let count = 0; !signal.aborted && failures.length === 0; count++) {
		const due = begin + (count * 1000) / perSecond;
		const early = due - performance.now();
		if (early > 0) {
			await sleep(early);
		}
		const pulled = pull(due)
			.catch((error: unknown) => void failures.push(error))
			.finally(() => pulls.delete(pulled));
		pulls.add(pulled);
	}
	await Promise.all(pulls);
	await pool.close();
	if (failures.length > 0) {
		throw failures[0];
	}
	const sorted = latencies.toSorted((one, other) => one - other);
	const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
	return {pulls: sorted.length, p50: at(0.5), p99: at(0.99)};
}
