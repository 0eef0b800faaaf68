import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {cpuSeconds} from '../cpu-time.ts';
import {wrk} from '../load.ts';
import {forgetPeakMemory, peakMemory} from '../peak-memory.ts';
import {type Download, download} from './download.ts';
import {pull} from './pull.ts';
import {type RemoteWorld, openRemoteWorld} from './remote-world.ts';

const mebibyte = 1024 * 1024;
const rounds = 3;
const blobBytes = 256 * mebibyte;

/** Processor time of a manifest by tag with a token, in microseconds, and of a large blob, in seconds, where they are stored. */
async function measureHits({stowage, token, authorization}: RemoteWorld, repository: string, digest: string) {
	const image = 'bench/hit';
	const headers = {Authorization: await token(repository, image), Accept: 'application/vnd.oci.image.manifest.v1+json'};
	const url = `${stowage.url}/v2/${repository}/${image}`;
	const before = await cpuSeconds(stowage.process.pid);
	const {requests} = await wrk({url: `${url}/manifests/latest`, headers, seconds: 3});
	const between = await cpuSeconds(stowage.process.pid);
	for (let transfer = 0; transfer < 4; transfer++) {
		await download(`${url}/blobs/${digest}`, blobBytes, authorization);
	}
	const after = await cpuSeconds(stowage.process.pid);
	return {manifest: ((between - before) / requests) * 1e6, blob: (after - between) / 4};
}

async function hits(world: RemoteWorld): Promise<void> {
	const local = await world.push('local', 'bench/hit', blobBytes);
	const cached = await world.push('upstream', 'bench/hit', blobBytes);
	const headers = {authorization: world.authorization};
	const hub = `${world.stowage.url}/v2/hub/bench/hit`;
	await (await fetch(`${hub}/manifests/latest`, {headers})).arrayBuffer();
	await download(`${hub}/blobs/${cached.digest}`, blobBytes, world.authorization);
	await stored(world, 'hub', 'bench/hit', cached.digest);
	const samples = {local: [] as {manifest: number; blob: number}[], hub: [] as {manifest: number; blob: number}[]};
	for (let round = 0; round < rounds; round++) {
		samples.local.push(await measureHits(world, 'local', local.digest));
		samples.hub.push(await measureHits(world, 'hub', cached.digest));
	}
	for (const [what, unit] of [
		['manifest', 'us'],
		['blob', 's'],
	] as const) {
		const [ours, theirs] = [samples.hub, samples.local].map(list => median(list.map(sample => sample[what])));
		tell(`hit, ${what}: ${ours!.toFixed(2)} ${unit} of CPU, local ${theirs!.toFixed(2)} ${unit}`, ours! / theirs!, 1.3);
	}
}

async function misses(world: RemoteWorld, repository: 'hub' | 'far'): Promise<void> {
	const port = repository === 'hub' ? world.upstream.port : world.link.port;
	const [direct, through]: [Download[], Download[]] = [[], []];
	let peak = 0;
	for (let round = 0; round < rounds; round++) {
		const image = `bench/${repository}-${round}`;
		const {digest} = await world.push('upstream', image, blobBytes);
		const url = `${world.stowage.url}/v2/${repository}/${image}`;
		await (await fetch(`${url}/manifests/latest`, {headers: {authorization: world.authorization}})).arrayBuffer();
		direct.push(await download(`http://127.0.0.1:${port}/v2/${image}/blobs/${digest}`, blobBytes));
		await forgetPeakMemory(world.stowage.process.pid);
		through.push(await download(`${url}/blobs/${digest}`, blobBytes, world.authorization));
		peak = Math.max(peak, await peakMemory(world.stowage.process.pid));
		await stored(world, repository, image, digest);
	}
	const [ours, theirs] = [through, direct].map(list => median(list.map(({seconds}) => seconds)));
	const late = median(through.map((one, round) => one.firstByteSeconds - direct[round]!.firstByteSeconds)) * 1000;
	const link = repository === 'hub' ? 'on this machine' : 'a gigabit away';
	const what = `miss of 256 MiB, upstream ${link}: ${ours!.toFixed(2)} s, direct ${theirs!.toFixed(2)} s`;
	if (repository === 'far') {
		tell(what, ours! / theirs!, 1.25);
	} else {
		// From the page cache to a client that throws away: the bytes come faster than anybody can hash them.
		console.log(`       ${what}: ${(ours! / theirs!).toFixed(2)}`);
	}
	tell(`first byte of a miss, upstream ${link}: so many ms after the upstream's`, late, 50);
	console.log(`       peak memory ${peak.toFixed(0)} MiB`);
}

/** The same miss by a client that does with the layer what clients do. */
async function pulls(world: RemoteWorld, folder: string): Promise<void> {
	const [direct, through]: [number[], number[]] = [[], []];
	const credentials = `admin:${world.stowage.password}`;
	for (let round = 0; round < rounds; round++) {
		const image = `bench/pulled-${round}`;
		const {digest} = await world.push('upstream', image, blobBytes);
		const into = join(folder, 'pulled');
		direct.push(await pull(`127.0.0.1:${world.upstream.port}/${image}:latest`, {folder: into}));
		const {host} = new URL(world.stowage.url);
		through.push(await pull(`${host}/hub/${image}:latest`, {credentials, folder: into}));
		await stored(world, 'hub', image, digest);
	}
	const [ours, theirs] = [through, direct].map(median);
	tell(
		`miss of an image of 256 MiB pulled by skopeo: ${ours!.toFixed(2)} s, direct ${theirs!.toFixed(2)} s`,
		ours! / theirs!,
		1.25,
	);
}

/** Waits until the cache has the blob, so that what is stored in the background is not counted to what follows. */
async function stored(
	{stowage, authorization}: RemoteWorld,
	repository: string,
	image: string,
	digest: string,
): Promise<void> {
	const url = `${stowage.url}/v2/${repository}-cache/${image}/blobs/${digest}`;
	for (let tries = 0; tries < 600; tries++) {
		if ((await fetch(url, {method: 'HEAD', headers: {authorization}})).status === 200) {
			return;
		}
		await new Promise(resolve => setTimeout(resolve, 50));
	}
	throw new Error(`${url} was not stored`);
}

function median(values: readonly number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

function tell(what: string, reached: number, most: number): void {
	console.log(`${reached <= most ? 'met   ' : 'MISSED'} ${what}: ${reached.toFixed(2)}, at most ${most}`);
}

/** Measures a remote repository beside a local one and beside its upstream, and prints what was reached. */
const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-remote-'));
try {
	const world = await openRemoteWorld(folder);
	try {
		await hits(world);
		await misses(world, 'far');
		await misses(world, 'hub');
		await pulls(world, folder);
	} finally {
		await world.stop();
	}
} finally {
	await rm(folder, {recursive: true, force: true});
}
