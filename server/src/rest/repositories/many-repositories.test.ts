import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {digestOf} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import test, {type ExecutionContext} from 'ava';
import {readConfiguration} from '../../config/read-configuration.ts';
import {createLog} from '../../process/log.ts';
import {openRegistry} from '../../process/open-registry.ts';

const logger = createLog({level: 'error', readable: false, destination: {write: () => true}});
const authorization = `Basic ${Buffer.from('admin:correct horse').toString('base64')}`;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Two servers on one database and one storage. */
async function startNodes(t: ExecutionContext, database: TestDatabase) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-nodes-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const {options, cleanup} = await database.open();
	t.teardown(cleanup);
	const file = join(folder, 'stowage.yaml');
	const lines = {
		data: folder,
		listen: '127.0.0.1:0',
		database: options,
		storages: {default: {driver: 'filesystem', options: {root: join(folder, 'storage'), durable: false}}},
		stopWithinSeconds: 0,
	};
	await writeFile(file, JSON.stringify(lines));
	const start = async () => {
		const read = await readConfiguration({file, environment: {}, workingFolder: folder});
		const registry = await openRegistry({...read, logger, adminPassword: 'correct horse'});
		t.teardown(() => registry.stop());
		return `http://127.0.0.1:${registry.port}`;
	};
	return [await start(), await start()] as const;
}

async function ask(method: string, url: string, body?: object) {
	const headers = {authorization, 'content-type': 'application/json'};
	const response = await fetch(url, {method, headers, body: body && JSON.stringify(body)});
	return {status: response.status, text: await response.text()};
}

/** Pushes a small image; resolves to the first status that is not 201. */
async function push(url: string, image: string, tag: string): Promise<number> {
	const config = Buffer.from(JSON.stringify({tag}));
	const headers = {authorization};
	const blob = await fetch(`${url}/v2/${image}/blobs/uploads/?digest=${digestOf(config)}`, {
		method: 'POST',
		headers,
		body: config,
	});
	await blob.arrayBuffer();
	if (blob.status !== 201) {
		return blob.status;
	}
	const described = {
		mediaType: 'application/vnd.oci.image.config.v1+json',
		digest: digestOf(config),
		size: config.length,
	};
	const manifest = {schemaVersion: 2, mediaType: manifestType, config: described, layers: []};
	const put = await fetch(`${url}/v2/${image}/manifests/${tag}`, {
		method: 'PUT',
		headers: {...headers, 'content-type': manifestType},
		body: JSON.stringify(manifest),
	});
	await put.arrayBuffer();
	return put.status;
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test.serial(
		on('a repository that one node makes is served by another within a second, and so are its changes and its end'),
		async t => {
			const [one, two] = await startNodes(t, database);
			const within = async (title: string, done: () => Promise<boolean>) => {
				const started = performance.now();
				let took = 0;
				// What counts is when the last request began that did not see it, not how long a busy machine takes to answer.
				for (let asked = 0; asked < 5000; asked = performance.now() - started) {
					if (await done()) {
						break;
					}
					took = asked;
					await wait(10);
				}
				t.log(`${title}: ${took.toFixed(0)} ms`);
				t.true(took < 1000, title);
			};
			t.is((await ask('PUT', `${one}/api/repositories/fresh`, {rclass: 'local'})).status, 200);
			await within('made', async () => (await push(two, 'fresh/app', '1.0')) === 201);
			t.is((await ask('GET', `${one}/v2/fresh/app/manifests/1.0`)).status, 200);
			await ask('PUT', `${two}/api/repositories/both`, {rclass: 'virtual', repositories: []});
			await within(
				'made on the other',
				async () => (await ask('GET', `${one}/api/docker/both/v2/_catalog`)).status === 200,
			);
			await ask('POST', `${two}/api/repositories/both`, {repositories: ['fresh']});
			await within('changed', async () => (await ask('GET', `${one}/v2/both/app/manifests/1.0`)).status === 200);
			t.is((await ask('DELETE', `${one}/api/repositories/fresh`)).status, 200);
			await within('deleted', async () => (await ask('GET', `${two}/v2/fresh/app/manifests/1.0`)).status === 404);
			t.is((await ask('GET', `${one}/v2/both/app/manifests/1.0`)).status, 404);
		},
	);

	test.serial(
		on('100 repositories are made, changed and deleted while others are pushed to, and no push fails'),
		async t => {
			const [one, two] = await startNodes(t, database);
			await ask('PUT', `${one}/api/repositories/steady`, {rclass: 'local'});
			await wait(1000);
			const churn = new AbortController();
			const statuses = new Map<number, number>();
			const pushing = [one, two].map(async (url, node) => {
				for (let count = 0; !churn.signal.aborted; count++) {
					const status = await push(url, `steady/app${node}`, `t${count}`);
					statuses.set(status, (statuses.get(status) ?? 0) + 1);
				}
			});
			const started = performance.now();
			const life = async (index: number) => {
				const [first, second] = index % 2 === 0 ? [one, two] : [two, one];
				const key = `churn-${index}`;
				const answers = [
					await ask('PUT', `${first}/api/repositories/${key}`, {rclass: 'local', description: 'new'}),
					await ask('POST', `${second}/api/repositories/${key}`, {description: 'changed'}),
					{status: [201].includes(await push(first, `${key}/app`, 'x')) ? 200 : 500, text: 'push'},
					await ask('DELETE', `${second}/api/repositories/${key}`),
				];
				for (const {status, text} of answers) {
					t.is(status, 200, `${key}: ${text}`);
				}
			};
			const workers = Array.from({length: 4}, async (_, worker) => {
				for (let index = worker; index < 100; index += 4) {
					await life(index);
				}
			});
			await Promise.all(workers);
			const took = performance.now() - started;
			churn.abort();
			await Promise.all(pushing);
			t.log(`${took.toFixed(0)} ms; pushes: ${JSON.stringify([...statuses])}`);
			t.deepEqual([...statuses.keys()], [201]);
		},
	);
}
