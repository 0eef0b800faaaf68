import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Stowage, startStowage} from '@stowage/test-servers';
import {blobFixture, imageFixture} from '@stowage/testing';
import {cpuSeconds} from '../cpu-time.ts';
import {wrk} from '../load.ts';
import {processors} from '../processors.ts';

const rounds = 5;
const seconds = 2;
const most = 1.3;
const image = 'bench/hit';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Five members, of which only one has the image. */
const others = ['one', 'two', 'three', 'four'];
const virtuals = {
	first: ['local', ...others],
	third: [...others.slice(0, 2), 'local', ...others.slice(2)],
	last: [...others, 'local'],
};

const repositories = Object.fromEntries([
	...['local', ...others].map(key => [key, {type: 'local'}]),
	...Object.entries(virtuals).map(([key, list]) => [key, {type: 'virtual', options: {repositories: list}}]),
]) as Record<string, object>;

async function call(url: string, init: RequestInit, expected: number): Promise<Response> {
	const answer = await fetch(url, init);
	if (answer.status !== expected) {
		throw new Error(`${url}: status ${answer.status}`);
	}
	return answer;
}

/** Pushes an image to `local`; gives the digest of a small layer. */
async function push({url, password}: Stowage): Promise<string> {
	const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	const {config, manifest} = imageFixture({layers: 0});
	const layer = blobFixture(512);
	const document = {
		...(JSON.parse(manifest.bytes.toString()) as object),
		layers: Array.from({length: 8}, () => layer.descriptor),
	};
	const base = `${url}/v2/local/${image}`;
	for (const {bytes, digest} of [config, layer]) {
		const init = {method: 'POST', headers: {authorization}, body: new Uint8Array(bytes)};
		await call(`${base}/blobs/uploads/?digest=${digest}`, init, 201);
	}
	const headers = {authorization, 'content-type': manifestType};
	await call(`${base}/manifests/latest`, {method: 'PUT', headers, body: JSON.stringify(document)}, 201);
	return layer.digest;
}

async function tokenFor({url, password}: Stowage, repository: string): Promise<string> {
	const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	const query = new URLSearchParams({service: new URL(url).host, scope: `repository:${repository}/${image}:pull`});
	const answer = await call(`${url}/v2/token?${query.toString()}`, {headers: {authorization}}, 200);
	return `Bearer ${((await answer.json()) as {token: string}).token}`;
}

/** Processor time of one request, in microseconds. */
async function measure(stowage: Stowage, repository: string, path: string): Promise<number> {
	const headers = {Authorization: await tokenFor(stowage, repository), Accept: manifestType};
	const before = await cpuSeconds(stowage.process.pid);
	const {requests} = await wrk({url: `${stowage.url}/v2/${repository}/${image}/${path}`, headers, seconds});
	return (((await cpuSeconds(stowage.process.pid)) - before) / requests) * 1e6;
}

function median(values: readonly number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(stowage: Stowage, what: string, path: string): Promise<void> {
	const samples = new Map(['local', ...Object.keys(virtuals)].map(key => [key, [] as number[]]));
	for (let round = 0; round < rounds; round++) {
		for (const [key, list] of samples) {
			list.push(await measure(stowage, key, path));
		}
	}
	const local = median(samples.get('local') ?? []);
	console.log(`${what}: local ${local.toFixed(1)} us of CPU`);
	for (const key of Object.keys(virtuals)) {
		const through = median(samples.get(key) ?? []);
		const times = through / local;
		const verdict = times <= most ? 'met   ' : 'MISSED';
		console.log(
			`${verdict} through a virtual one of five, in its ${key}: ${through.toFixed(1)} us, ${times.toFixed(2)} times, at most ${most}`,
		);
	}
}

/** Measures what is stored through a virtual repository of five beside the local one that has it, and prints what was reached. */
const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-virtual-'));
try {
	const configuration = {log: {level: 'warn'}, bootstrap: {repositories}};
	const stowage = await startStowage({folder, cpu: processors.server, configuration});
	try {
		const digest = await push(stowage);
		await compare(stowage, 'manifest by tag', 'manifests/latest');
		await compare(stowage, 'small blob', `blobs/${digest}`);
	} finally {
		await stowage.process.stop();
	}
} finally {
	await rm(folder, {recursive: true, force: true});
}
