import {randomBytes} from 'node:crypto';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {digestOf} from '../../oci/digest.ts';
import {Storage} from '../../storage/storage.ts';
import {createFileDriver} from './fixtures/file-driver.ts';
import {copy, openWorld, readContent, sourceOf} from './fixtures/transfer-world.ts';

/** A store whose driver keeps objects in files. */
async function openFileWorld(t: ExecutionContext, how?: {readonly openMs: number}) {
	const objects = await mkdtemp(join(tmpdir(), 'stowage-file-objects-'));
	t.teardown(() => rm(objects, {recursive: true, force: true}));
	const {driver, files} = createFileDriver(objects, how);
	const world = await openWorld(t, new Storage('main', driver));
	return {...world, files, objects};
}

const unfinished = (world: {readonly metadata: Awaited<ReturnType<typeof openWorld>>['metadata']}) =>
	world.metadata.uploads.findIdle(new Date(Date.now() + 1_000), 10);

for (const size of [1, 5_000_000]) {
	test(`a blob of ${size} bytes is written once: into the file that the storage keeps`, async t => {
		const world = await openFileWorld(t);
		const bytes = randomBytes(size);
		const {source, opened} = sourceOf(bytes, {delayMs: 1});
		const contents = await Promise.all(Array.from({length: 5}, () => copy(world, bytes, source)));
		await sleep(20);
		t.deepEqual(await readdir(world.folder), []);
		for (const read of await Promise.all(contents.map(readContent))) {
			t.true(read.equals(bytes));
		}
		t.true((await world.stored(digestOf(bytes))).equals(bytes));
		t.deepEqual([opened.length, world.files.length], [1, 1]);
		t.deepEqual(await unfinished(world), []);
	});
}

test('a blob whose file takes too long to open is stored all the same, and right', async t => {
	const world = await openFileWorld(t, {openMs: 700});
	const bytes = randomBytes(5_000_000);
	const {source} = sourceOf(bytes);
	t.true((await readContent(await copy(world, bytes, source))).equals(bytes));
	t.true((await world.stored(digestOf(bytes))).equals(bytes));
});

test('wrong bytes are written, and never stored', async t => {
	const world = await openFileWorld(t);
	const bytes = randomBytes(3_000_000);
	const other = Buffer.from(bytes);
	other[2_999_999] = bytes[2_999_999]! ^ 1;
	const {source} = sourceOf(bytes, {open: async () => Readable.from([other])});
	await t.throwsAsync(readContent(await copy(world, bytes, source)), {message: /other bytes/});
	await world.transfers.close();
	t.is(await world.metadata.blobs.find('main', digestOf(bytes)), undefined);
	t.deepEqual(await unfinished(world), []);
});

test('readers get their bytes when the file of the storage can be written no more', async t => {
	const world = await openFileWorld(t);
	const bytes = randomBytes(6_000_000);
	const {source} = sourceOf(bytes, {delayMs: 2});
	const content = await copy(world, bytes, source);
	const read = readContent(content);
	while (world.files.length === 0) {
		await sleep(1);
	}
	world.files[0]!.writev = () => Promise.reject(new Error('no space left'));
	t.true((await read).equals(bytes));
	await world.transfers.close();
	t.is(await world.held(digestOf(bytes)), undefined);
	t.deepEqual(await unfinished(world), []);
});

test('closing ends what is being written, and leaves no upload behind', async t => {
	const world = await openFileWorld(t);
	const bytes = randomBytes(5_000_000);
	const {source} = sourceOf(bytes, {delayMs: 50});
	const read = t.throwsAsync(readContent(await copy(world, bytes, source)));
	await world.transfers.close();
	await read;
	t.is(await world.held(digestOf(bytes)), undefined);
	t.deepEqual(await unfinished(world), []);
});
