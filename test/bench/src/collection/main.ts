import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Stowage, startStowage} from '@stowage/test-servers';
import {imageFixture} from '@stowage/testing';
import {forgetPeakMemory, peakMemory} from '../peak-memory.ts';
import {processors} from '../processors.ts';
import {type BenchDatabaseName, benchDatabases} from './bench-database.ts';
import {fillRows} from './fill-rows.ts';
import {type PullLatencies, pullPaced} from './paced-pulls.ts';

const blobs = Number(process.env['BLOBS'] ?? 1_000_000);
const unheld = blobs / 10;
const pullsPerSecond = 200;
const quietMs = 10_000;
/** How much slower the slowest hundredth of pulls may be meanwhile. */
const most = 2;
const image = 'bench/pulled';
const names = process.argv.slice(2).filter((name): name is BenchDatabaseName => name in benchDatabases);

interface Collected {
	readonly status: string;
	readonly error?: string;
	readonly report: {readonly examined: number; readonly blobs: number; readonly holds: number};
}

function authorizationOf({password}: Stowage): string {
	return `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
}

type Init = Omit<RequestInit, 'headers'> & {readonly headers?: Readonly<Record<string, string>>};

async function call(stowage: Stowage, path: string, init: Init, expected: number): Promise<Response> {
	const headers = {authorization: authorizationOf(stowage), ...init.headers};
	const answer = await fetch(stowage.url + path, {...init, headers});
	if (answer.status !== expected) {
		throw new Error(`${path}: status ${answer.status}: ${await answer.text()}`);
	}
	return answer;
}

async function push(stowage: Stowage): Promise<void> {
	const {blobs: contents, manifest} = imageFixture();
	for (const {bytes, digest} of contents) {
		const path = `/v2/docker-local/${image}/blobs/uploads/?digest=${digest}`;
		await call(stowage, path, {method: 'POST', body: new Uint8Array(bytes)}, 201);
	}
	const init = {
		method: 'PUT',
		headers: {'content-type': manifest.mediaType},
		body: new Uint8Array(manifest.bytes),
	};
	await call(stowage, `/v2/docker-local/${image}/manifests/latest`, init, 201);
}

async function pullWhile(stowage: Stowage, work: Promise<unknown>): Promise<PullLatencies> {
	const ended = new AbortController();
	const stop = () => ended.abort();
	void work.then(stop, stop);
	const latencies = await pullPaced({
		url: stowage.url,
		path: `/v2/docker-local/${image}/manifests/latest`,
		headers: {authorization: authorizationOf(stowage), accept: '*/*'},
		perSecond: pullsPerSecond,
		signal: ended.signal,
	});
	await work;
	return latencies;
}

async function collect(stowage: Stowage): Promise<Collected> {
	const path = '/api/system/storage/gc';
	await call(stowage, path, {method: 'POST'}, 202);
	for (;;) {
		await sleep(500);
		const state = await collectionState(stowage);
		if (state.status !== 'running') {
			return state;
		}
	}
}

async function collectionState(stowage: Stowage): Promise<Collected> {
	return (await (await call(stowage, '/api/system/storage/gc', {}, 200)).json()) as Collected;
}

/** The jobs of a server that has just started do not come in between. */
async function firstTurns(stowage: Stowage): Promise<void> {
	while ((await collectionState(stowage)).status !== 'done') {
		await sleep(500);
	}
	await sleep(11_000);
}

/** Measures one collection beside pulls, and prints what was reached. */
async function measure(stowage: Stowage, name: string): Promise<void> {
	const {pid} = stowage.process;
	await pullWhile(stowage, sleep(2_000));
	await forgetPeakMemory(pid);
	const quiet = await pullWhile(stowage, sleep(quietMs));
	const quietMemory = await peakMemory(pid);
	await forgetPeakMemory(pid);
	const begin = performance.now();
	const collecting = collect(stowage);
	const busy = await pullWhile(stowage, collecting);
	const seconds = (performance.now() - begin) / 1000;
	const {status, error, report} = await collecting;
	const memory = await peakMemory(pid);
	const rows = report.examined + report.blobs;
	console.log(
		`${name}: ${status}${error ?? ''} in ${seconds.toFixed(1)} s: ${report.examined} holds looked at, ${report.holds} ended, ${report.blobs} blobs deleted; ${(rows / seconds).toFixed(0)} rows a second`,
	);
	const times = busy.p99 / quiet.p99;
	console.log(
		`${times <= most ? 'met   ' : 'MISSED'} p99 of pulls: ${quiet.p99.toFixed(2)} ms alone, ${busy.p99.toFixed(2)} ms meanwhile, ${times.toFixed(2)} times, at most ${most} (p50 ${quiet.p50.toFixed(2)} and ${busy.p50.toFixed(2)} ms, ${quiet.pulls} and ${busy.pulls} pulls)`,
	);
	console.log(`       most memory: ${quietMemory.toFixed(0)} MiB alone, ${memory.toFixed(0)} MiB meanwhile`);
}

for (const name of names.length > 0 ? names : (Object.keys(benchDatabases) as BenchDatabaseName[])) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-collection-'));
	const database = await benchDatabases[name](folder);
	try {
		const configuration = {log: {level: 'warn'}, database: database.options};
		const stowage = await startStowage({folder, cpu: processors.server, configuration});
		try {
			await push(stowage);
			await firstTurns(stowage);
			const begin = performance.now();
			await fillRows(database, {blobs, unheld});
			console.log(`${name}: ${blobs} blobs in rows after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
			await measure(stowage, name);
		} finally {
			await stowage.process.stop();
		}
	} finally {
		await database.close();
		await rm(folder, {recursive: true, force: true});
	}
}
