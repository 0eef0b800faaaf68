import {randomInt} from 'node:crypto';
import {mkdtemp, readFile, readdir, rm, stat, truncate} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, relative} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {checkBlobs} from './check-kept.ts';
import {Connection} from './connection.ts';
import {FragileRegistry} from './fragile-registry.ts';
import {Journal} from './journal.ts';
import {Pusher} from './pusher.ts';
import {digestOf, randomImage} from './random-image.ts';

const crashes = 4;
const images = ['docker-local/crash/one', 'docker-local/two'];

async function openTieredWorld(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'crash-tiered-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const [slow, fast] = [join(folder, 'slow'), join(folder, 'fast')];
	const storages = {
		slow: {driver: 'filesystem', options: {root: slow}},
		fast: {driver: 'filesystem', options: {root: fast}},
		default: {driver: 'tiered', options: {storage: 'slow', cache: 'fast', maxMebibytes: 8}},
	};
	const plugins = ['@stowage/filesystem', '@stowage/tiered', '@stowage/local', '@stowage/remote', '@stowage/virtual'];
	const registry = await FragileRegistry.start({folder, configuration: {plugins, storages, log: {level: 'error'}}});
	t.teardown(() => registry.stop());
	const connection = new Connection(registry.url, registry.password);
	t.teardown(() => connection.close());
	const over = new AbortController();
	t.teardown(() => over.abort());
	const journal = new Journal();
	return {slow, fast, registry, connection, journal, pusher: new Pusher(registry, connection, journal, over.signal)};
}

async function pushWhile(pusher: Pusher, crashing: Promise<void>): Promise<void> {
	const state = {over: false};
	const end = crashing.finally(() => {
		state.over = true;
	});
	const work = async (image: string) => {
		for (let number = 0; !state.over; number += 1) {
			await pusher.pushImage(image, `push-${number}`, randomImage());
		}
	};
	await Promise.all([end, ...images.map(work)]);
}

async function crashOften(registry: FragileRegistry): Promise<void> {
	for (let crash = 0; crash < crashes; crash += 1) {
		for (let request = randomInt(10, 30); request > 0; request -= 1) {
			await registry.entered('blob', AbortSignal.timeout(60_000));
		}
		await sleep(randomInt(0, 12));
		await registry.crash();
	}
}

/** The files of copies in the cache, each with the file that it is a copy of. */
async function copiesOf(fast: string, slow: string) {
	const files = (await readdir(fast, {recursive: true, withFileTypes: true})).filter(entry => entry.isFile());
	const paths = files.map(entry => join(entry.parentPath, entry.name));
	return paths
		.filter(path => path.startsWith(join(fast, 'blobs')))
		.map(copy => ({copy, original: join(slow, relative(fast, copy).replace(/\.\d+$/, ''))}));
}

test('a cache never serves other bytes after kill -9, nor what has lost some of them', async t => {
	const {slow, fast, registry, connection, journal, pusher} = await openTieredWorld(t);
	await pushWhile(pusher, crashOften(registry));
	t.true(journal.cut.blob > 0, 'no crash came in the middle of a request');
	for (const {copy, original} of await copiesOf(fast, slow)) {
		t.deepEqual(digestOf(await readFile(copy)), digestOf(await readFile(original)));
	}
	await checkBlobs(connection, journal);
	const damage = async () => {
		const copies = await copiesOf(fast, slow);
		t.true(copies.length > 0);
		for (const {copy} of copies) {
			await truncate(copy, randomInt(0, (await stat(copy)).size));
		}
	};
	await damage();
	await checkBlobs(connection, journal);
	await damage();
	await registry.crash();
	await checkBlobs(connection, journal);
	t.log(
		`${journal.blobs.size} blobs, ${registry.starts.length} crashes, ${journal.cut.blob} requests for blobs cut off`,
	);
});
