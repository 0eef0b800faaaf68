import {randomBytes, randomInt} from 'node:crypto';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {databases, type TestDatabase} from '@stowage/test-servers/databases';
import test, {type ExecutionContext} from 'ava';
import {checkBlobs, checkManifests, checkTags} from './check-kept.ts';
import {Connection} from './connection.ts';
import {FragileRegistry} from './fragile-registry.ts';
import {Journal} from './journal.ts';
import {Pusher} from './pusher.ts';
import {digestOf, randomImage} from './random-image.ts';
import {collectLeftovers, readStoredFiles} from './stored-files.ts';

const pushes = 200;
const pushers = 4;
const crashes = 24;
const images = ['docker-local/crash/one', 'docker-local/crash/two', 'docker-local/three'];

async function openFragileWorld(t: ExecutionContext, database: TestDatabase) {
	const folder = await mkdtemp(join(tmpdir(), 'crash-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const {options, cleanup} = await database.open();
	t.teardown(cleanup);
	const registry = await FragileRegistry.start({folder, configuration: {database: options, log: {level: 'warn'}}});
	t.teardown(() => registry.stop());
	const connection = new Connection(registry.url, registry.password);
	t.teardown(() => connection.close());
	const [journal, over] = [new Journal(), new AbortController()];
	t.teardown(() => over.abort());
	const pusher = new Pusher(registry, connection, journal, over.signal);
	return {folder, database: options, registry, connection, journal, pusher};
}

/** Pushes until enough has been pushed and `crashing` has ended. */
async function pushMany(pusher: Pusher, crashing: Promise<void>): Promise<void> {
	const state = {number: 0, over: false};
	const end = crashing.finally(() => {
		state.over = true;
	});
	const work = async () => {
		let shared: Buffer | undefined;
		while (state.number < pushes || !state.over) {
			state.number += 1;
			const {number} = state;
			const image = randomImage(randomInt(3) === 0 ? shared : undefined);
			shared = [...image.blobs.values()].at(-1);
			await pusher.pushImage(images[number % images.length]!, `push-${number}`, image);
		}
	};
	await Promise.all([end, ...Array.from({length: pushers}, work)]);
}

/** Kills the registry in the middle of pushing blobs and manifests in turn, some milliseconds after a request was sent. */
async function crashOften(registry: FragileRegistry): Promise<void> {
	for (let crash = 0; crash < crashes; crash += 1) {
		await sleep(randomInt(20, 200));
		await registry.entered(crash % 2 === 0 ? 'blob' : 'manifest', AbortSignal.timeout(30_000));
		await sleep(randomInt(0, 12));
		await registry.crash();
	}
}

for (const database of databases()) {
	test(`what was acknowledged outlives kill -9 on ${database.name}`, async t => {
		const {folder, registry, connection, journal, pusher, ...world} = await openFragileWorld(t, database);
		const halves = await Promise.all(images.map(image => pusher.abandonUpload(image, randomBytes(300_000))));
		const orphan = randomBytes(10_000);
		await pusher.pushBlob(images[0]!, digestOf(orphan), orphan);
		await pushMany(pusher, crashOften(registry));
		await registry.crash();

		t.true(journal.manifests.size >= pushes);
		t.true(journal.cut.blob > 0 && journal.cut.manifest > 0, 'no crash came in the middle of a request');
		await checkBlobs(connection, journal);
		await checkManifests(connection, journal);
		const needed = await checkTags(connection, images);
		await Promise.all(halves.map(upload => upload.check()));

		// The first turn ends the holds of images on what they do not need, the next finds what nobody has held for a while.
		for (let turn = 0; turn < 2; turn += 1) {
			await sleep(10);
			await collectLeftovers(folder, world.database);
		}
		await checkManifests(connection, journal);
		t.deepEqual(await checkTags(connection, images), needed);
		const stored = await readStoredFiles(folder);
		const seen = new Set<string>();
		t.deepEqual(
			{
				missing: [...needed].filter(digest => !stored.blobs.includes(digest)),
				unneeded: stored.blobs.filter(digest => !needed.has(digest)),
				twice: stored.blobs.filter(digest => seen.size === seen.add(digest).size),
				wrong: stored.wrong,
				others: stored.others,
			},
			{missing: [], unneeded: [], twice: [], wrong: [], others: []},
		);
		t.is((await connection.call('GET', `/v2/${images[0]}/blobs/${digestOf(orphan)}`)).status, 404);

		const {starts} = registry;
		const {appends, cut, resumed} = journal;
		t.log(`${journal.manifests.size} pushes, ${starts.length} crashes, ${appends} appends, ${resumed} resumed`);
		t.log(`cut off: ${cut.blob} requests for blobs, ${cut.manifest} for manifests`);
		t.log(`back after ${Math.round(Math.min(...starts))} to ${Math.round(Math.max(...starts))} ms`);
	});
}
