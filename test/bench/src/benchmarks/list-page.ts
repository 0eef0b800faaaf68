import {Agent, request} from 'undici';
import type {Benchmark, Sample, Scale} from '../benchmark.ts';
import type {Contender} from '../contender.ts';
import {cpuSeconds} from '../cpu-time.ts';
import {digestOf, RegistryClient} from '../registry-client.ts';

const pageSize = 20;
const base = 'bench/base';
const tagged = 'bench/tags';
const atOnce = 16;

/** Name number `index` of many, in an order that is the same by number and by text. */
function nth(index: number): string {
	return String(index).padStart(7, '0');
}

/** The last page of `n=20` of a catalog of many images: the five hundredth of 10,000. */
export const catalogPage: Benchmark = {
	name: 'catalog',
	title: 'last page (n=20) of a large catalog',
	async prepare(contender, {names}) {
		const client = new RegistryClient(contender);
		const manifest = await client.pushImage(base, 1);
		const {config, layers} = JSON.parse(manifest.toString()) as {config: {digest: string}; layers: {digest: string}[]};
		await eachAtOnce(names, async index => {
			const image = `many/${nth(index)}`;
			await client.mountBlob(image, config.digest, base);
			await client.mountBlob(image, layers[0]!.digest, base);
			await client.pushManifest(image, digestOf(manifest), manifest);
		});
		await client.close();
	},
	measure: (contender, scale) =>
		readPage(
			contender,
			scale,
			last => `/v2/_catalog?n=${pageSize}&last=${contender.prefix}many/${last}`,
			'repositories',
		),
};

/** The last page of `n=20` of the tags of an image that has many. */
export const tagsPage: Benchmark = {
	name: 'tags',
	title: 'last page (n=20) of many tags',
	async prepare(contender, {names}) {
		const client = new RegistryClient(contender);
		const manifest = await client.pushImage(tagged, 1);
		await eachAtOnce(names, index => client.pushManifest(tagged, nth(index), manifest));
		await client.close();
	},
	measure: (contender, scale) =>
		readPage(contender, scale, last => `/v2/${contender.prefix}${tagged}/tags/list?n=${pageSize}&last=${last}`, 'tags'),
};

async function eachAtOnce(count: number, work: (index: number) => Promise<void>): Promise<void> {
	let next = 0;
	const worker = async () => {
		while (next < count) {
			next += 1;
			await work(next - 1);
		}
	};
	await Promise.all(Array.from({length: atOnce}, worker));
}

/** Asks one after another for as long as a load lasts, ten times at least. */
async function readPage(
	{url, authorization, pid}: Contender,
	{names, seconds}: Scale,
	pathAfter: (last: string) => string,
	list: 'repositories' | 'tags',
): Promise<Sample> {
	const dispatcher = new Agent({headersTimeout: 0, bodyTimeout: 0});
	const headers = authorization === undefined ? {} : {authorization};
	const path = pathAfter(nth(names - pageSize - 1));
	const before = await cpuSeconds(pid);
	const started = performance.now();
	let requests = 0;
	while (requests < 10 || performance.now() - started < seconds * 1000) {
		const answer = await request(`${url}${path}`, {dispatcher, headers});
		const found = ((await answer.body.json()) as Record<typeof list, string[]>)[list];
		if (answer.statusCode !== 200 || !found.some(name => name.endsWith(nth(names - 1)))) {
			throw new Error(`${url}${path}: status ${answer.statusCode}, and not the last page`);
		}
		requests += 1;
	}
	const elapsed = performance.now() - started;
	const used = (await cpuSeconds(pid)) - before;
	await dispatcher.close();
	return {milliseconds: elapsed / requests, cpuMicroseconds: (used / requests) * 1e6};
}
