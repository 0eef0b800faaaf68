import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {type MemoryBackend, type StorageDriver, createMemoryBackend, createMemoryDriver} from '@stowage/core';
import type {DatabaseOptions} from '@stowage/core/metadata';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import test, {type ExecutionContext} from 'ava';
import {openFolderDrivers} from './fixtures/folder-drivers.ts';
import {
	type PromotionWorld,
	findWhole,
	image,
	listen,
	openPromotionWorld,
	pushImage,
	tag,
} from './fixtures/promotion-world.ts';

/** A driver of which a call fails once: the one of this number, counted from when it is set. */
function failing(backend: MemoryBackend): {driver: StorageDriver; failAt: (call: number | undefined) => void} {
	let left: number | undefined;
	const driver = new Proxy(createMemoryDriver(backend), {
		get(target, name) {
			const member: unknown = Reflect.get(target, name, target);
			return typeof member !== 'function'
				? member
				: (...parameters: unknown[]) => {
						if (left !== undefined && left-- === 0) {
							throw new Error('the driver failed');
						}
						return Reflect.apply(member, target, parameters) as unknown;
					};
		},
	});
	return {driver, failAt: call => (left = call)};
}

async function start(t: ExecutionContext) {
	const [one, two] = [failing(createMemoryBackend()), failing(createMemoryBackend())];
	const world = await openPromotionWorld({client: 'sqlite', file: ':memory:'}, {one: one.driver, two: two.driver});
	t.teardown(() => world.close());
	return {...world, one, two, ...(await openEnds(world))};
}

async function openEnds({repositories}: PromotionWorld) {
	const [here, there] = [await repositories.get('here'), await repositories.get('there')];
	if (here === undefined || there === undefined) {
		throw new Error('a repository is missing');
	}
	return {here, there};
}

test('across storages every blob is copied and checked, and the rest is as within one', async t => {
	const world = await start(t);
	const {here, there, promote} = world;
	const pushed = await pushImage(here, {layers: 50, platforms: 6});
	const heard = listen(world, 'tag.promoted', 'tag.deleted', 'manifest.deleted');
	const {promoted} = await promote('here', 'there');
	t.true(await findWhole(there, pushed));
	t.false(await findWhole(here, pushed));
	t.is(promoted.manifests.length, 8);
	t.deepEqual(
		(await world.metadata.usage.storages()).map(({storage, blobs}) => [storage, blobs]),
		[
			['one', 51],
			['two', 51],
		],
	);
	t.like(
		heard.find(({type}) => type === 'tag.promoted'),
		{repository: 'there', image, tag, from: {repository: 'here', image}, actor: 'promoter'},
	);
	t.is(heard.filter(({type}) => type === 'manifest.deleted').length, 8);
	await t.throwsAsync(promote('here', 'there'), {code: 'MANIFEST_UNKNOWN'});
});

test('bytes that are not those of the digest are not promoted', async t => {
	const backend = createMemoryBackend();
	const world = await openPromotionWorld(
		{client: 'sqlite', file: ':memory:'},
		{one: createMemoryDriver(backend), two: createMemoryDriver()},
	);
	t.teardown(() => world.close());
	const {here, there} = await openEnds(world);
	const pushed = await pushImage(here);
	const [key = ''] = [...backend.objects.keys()].filter(key => key.startsWith('blobs/'));
	const stored = backend.objects.get(key);
	backend.objects.set(key, {modifiedAt: new Date(), bytes: Buffer.alloc(stored?.bytes.length ?? 0, 1)});
	await t.throwsAsync(world.promote('here', 'there'), {code: 'DIGEST_INVALID'});
	t.false(await findWhole(there, pushed));
	t.deepEqual(
		(await there.listImages({limit: 10}, {caller: {name: 'x', anonymous: false, admin: true, may: () => true}})).items,
		[],
	);
});

test('whichever call of a storage fails, the old state is there, and the next try gives the new one', async t => {
	const counts = [0, 0];
	for (const side of [0, 1]) {
		for (let call = 0; ; call++) {
			const world = await start(t);
			const {here, there, promote} = world;
			const pushed = await pushImage(here, {layers: 1});
			const storage = side === 0 ? world.one : world.two;
			storage.failAt(call);
			const failed = await promote('here', 'there').then(
				() => false,
				() => true,
			);
			storage.failAt(undefined);
			t.is(await findWhole(here, pushed), failed, `call ${call}`);
			t.is(await findWhole(there, pushed), !failed, `call ${call}`);
			t.is(await world.metadata.uploads.countStartedBy('promoter'), 0, 'no upload is left open');
			if (!failed) {
				counts[side] = call;
				break;
			}
			await promote('here', 'there');
			t.true(await findWhole(there, pushed), `call ${call}`);
		}
	}
	t.log(`calls of the source: ${counts[0]}, of the target: ${counts[1]}`);
	t.true(counts.every(count => count > 0));
});

for (const database of databases()) {
	for (const [way, target] of [
		['within one storage', 'one'],
		['across storages', 'two'],
	] as const) {
		test.serial(`${database.name}, ${way}: killed at any moment, the image is whole in one place`, async t => {
			const {folder, options} = await openPlace(t, database);
			const open = async () => openPromotionWorld(options, await openFolderDrivers(folder), target);
			const first = await open();
			const pushed = await pushImage((await openEnds(first)).here, {layers: 50, platforms: 6});
			await first.close();
			let from = 'here';
			const places: string[] = [];
			for (let round = 0; round < 4; round++) {
				await killAfter(t, {moves: round, parameters: [folder, from, JSON.stringify(options)]});
				const world = await open();
				const {here, there} = await openEnds(world);
				const found = [await findWhole(here, pushed), await findWhole(there, pushed)];
				await world.close();
				t.true(found[0] !== found[1], `round ${round}`);
				from = found[0] === true ? 'here' : 'there';
				places.push(from);
			}
			t.log(places.join(' '));
		});
	}
}

async function openPlace(t: ExecutionContext, database: TestDatabase) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-promotion-'));
	const {options, cleanup} = await database.open();
	t.teardown(async () => {
		await cleanup();
		await rm(folder, {recursive: true, force: true});
	});
	const inFile: DatabaseOptions = {client: 'sqlite', file: join(folder, 'metadata.db')};
	return {folder, options: options.client === 'sqlite' ? inFile : options};
}

interface Killing {
	/** How often the image has moved before. */
	readonly moves: number;
	readonly parameters: readonly string[];
}

/** Kills a process that moves the image to and fro, a little after one of the moves. */
async function killAfter(t: ExecutionContext, {moves, parameters}: Killing): Promise<void> {
	const script = join(import.meta.dirname, 'fixtures/promote-for-ever.ts');
	const child = spawn(process.execPath, ['--conditions=@stowage/source', script, ...parameters], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = once(child, 'close');
	t.teardown(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	let printed = 0;
	for await (const line of child.stdout) {
		printed += String(line).length;
		if (printed > moves) {
			break;
		}
	}
	await wait(moves * 7);
	child.kill('SIGKILL');
	await ended;
}

test('it is asked for every right, on what is named and on what it turns out to be', async t => {
	const {here, promote} = await start(t);
	await pushImage(here);
	const all = ['read here', 'delete here', 'write all', 'write there'];
	t.deepEqual(
		(await promote('here', 'all', {copy: true})).demanded,
		all.filter(one => one !== 'delete here'),
	);
	for (const missing of all) {
		const allowed = all.filter(one => one !== missing);
		await t.throwsAsync(promote('here', 'all', {allowed}), {message: `denied: ${missing}`});
	}
	t.deepEqual((await promote('here', 'all', {allowed: all})).demanded, all);
});
