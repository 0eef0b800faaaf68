import {randomBytes} from 'node:crypto';
import {type FileHandle, mkdtemp, open, readFile, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {Spool} from './spool.ts';

async function openWorld(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-spool-fill-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	return {folder, spool: new Spool(async () => folder), path: join(folder, 'lent')};
}

const neverOpened = () => Promise.reject(new Error('opened'));

async function appendAll(spool: Spool, bytes: Buffer): Promise<void> {
	for (let start = 0; start < bytes.length; start += 60_000) {
		await spool.append(bytes.subarray(start, start + 60_000));
	}
}

async function readAll(spool: Spool): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for (let position = 0; position < spool.size;) {
		const piece = await spool.read(position, spool.size);
		pieces.push(piece);
		position += piece.length;
	}
	return Buffer.concat(pieces);
}

for (const size of [0, 1, 1_000_000, 5_000_000]) {
	test(`a content of ${size} bytes is in the file that was lent, and in no other`, async t => {
		const {folder, spool, path} = await openWorld(t);
		const bytes = randomBytes(size);
		const complete = Promise.withResolvers<void>();
		const filled = spool.fill(
			() => open(path, 'w+'),
			() => complete.promise,
		);
		await appendAll(spool, bytes);
		complete.resolve();
		t.true(await filled);
		t.true(bytes.equals(await readFile(path)));
		t.deepEqual(await readdir(folder), ['lent']);
		// Whoever owns the file may publish or delete it: readers go on.
		await rm(path);
		t.true(bytes.equals(await readAll(spool)));
		await spool.release();
	});
}

test('a file that can be written no more loses nobody a byte', async t => {
	const {spool, path} = await openWorld(t);
	let lent: FileHandle | undefined;
	const filled = spool.fill(
		async () => (lent = await open(path, 'w+')),
		() => new Promise(() => undefined),
	);
	const told = t.throwsAsync(filled, {message: 'no space left'});
	const bytes = randomBytes(6_000_000);
	await appendAll(spool, bytes.subarray(0, 3_000_000));
	lent!.writev = () => Promise.reject(new Error('no space left'));
	await appendAll(spool, bytes.subarray(3_000_000));
	await told;
	t.true(bytes.equals(await readAll(spool)));
	await spool.release();
});

test('a file that cannot be opened is told to its owner only', async t => {
	const {spool} = await openWorld(t);
	await t.throwsAsync(
		spool.fill(
			() => Promise.reject(new Error('no such folder')),
			async () => undefined,
		),
		{message: 'no such folder'},
	);
	const bytes = randomBytes(3_000_000);
	await appendAll(spool, bytes);
	t.true(bytes.equals(await readAll(spool)));
	await spool.release();
});

test('nothing is written to a file whose owner wants it no more', async t => {
	const {spool, path} = await openWorld(t);
	const wanted = Promise.withResolvers<void>();
	const filled = spool.fill(
		() => open(path, 'w+'),
		() => wanted.promise,
	);
	const bytes = randomBytes(6_000_000);
	await appendAll(spool, bytes.subarray(0, 3_000_000));
	wanted.reject(new Error('given up'));
	await t.throwsAsync(filled, {message: 'given up'});
	const written = await readFile(path);
	t.true(written.length > 0);
	await appendAll(spool, bytes.subarray(3_000_000));
	t.true(written.equals(await readFile(path)));
	t.true(bytes.equals(await readAll(spool)));
	await spool.release();
});

test('a file that is lent too late is not opened', async t => {
	const {spool} = await openWorld(t);
	spool.needsOwnFile();
	t.false(await spool.fill(neverOpened, async () => undefined));
	await spool.release();
});

test('nobody waits for long for a file that is not lent', async t => {
	const {spool} = await openWorld(t);
	const bytes = randomBytes(3_000_000);
	await appendAll(spool, bytes);
	t.true(bytes.equals(await readAll(spool)));
	t.false(await spool.fill(neverOpened, async () => undefined));
	await spool.release();
});

test('a file that opens too late is not written to, and those who read get every byte', async t => {
	const {spool, path} = await openWorld(t);
	const openLate = async () => {
		await sleep(700);
		return open(path, 'w+');
	};
	const bytes = randomBytes(5_000_000);
	const filled = spool.fill(openLate, async () => undefined);
	await appendAll(spool, bytes);
	t.false(await filled);
	t.is((await readFile(path)).length, 0);
	t.true(bytes.equals(await readAll(spool)));
	await spool.release();
});
