import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {randomBytes} from 'node:crypto';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Spool} from './spool.ts';

async function openSpool(t: ExecutionContext): Promise<{readonly spool: Spool; readonly folder: string}> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-spool-test-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const spool = new Spool(async () => folder);
	return {spool, folder};
}

async function readAll(spool: Spool, start = 0, end = spool.size): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for (let position = start; position < end;) {
		const piece = await spool.read(position, end);
		pieces.push(piece);
		position += piece.length;
	}
	return Buffer.concat(pieces);
}

for (const pieceSize of [1, 100, 8_191, 8_192, 65_536, 700_001, 3_000_000]) {
	test(`what was given in pieces of ${pieceSize} bytes is read while it comes and afterwards`, async t => {
		const {spool, folder} = await openSpool(t);
		const bytes = randomBytes(Math.min(3_000_000, pieceSize * 20_000));
		for (let start = 0; start < bytes.length; start += pieceSize) {
			await spool.append(bytes.subarray(start, start + pieceSize));
			if (start % (pieceSize * 997) === 0) {
				const from = Math.max(0, spool.size - 1_000_000);
				t.true((await readAll(spool, from)).equals(bytes.subarray(from, spool.size)));
			}
		}
		t.is(spool.size, bytes.length);
		t.true((await readAll(spool)).equals(bytes));
		await spool.release();
		t.deepEqual(await readdir(folder), []);
	});
}

test('pieces of many sizes make one content', async t => {
	const {spool} = await openSpool(t);
	const bytes = randomBytes(5_000_000);
	for (let start = 0, size = 1; start < bytes.length; start += size, size = (size * 7919) % 100_003) {
		await spool.append(bytes.subarray(start, start + size));
	}
	t.true((await readAll(spool)).equals(bytes));
	t.true((await readAll(spool, 4_999_990)).equals(bytes.subarray(4_999_990)));
	await spool.release();
});

test('a read ends where it was told to', async t => {
	const {spool} = await openSpool(t);
	const bytes = randomBytes(2_500_000);
	for (let start = 0; start < bytes.length; start += 50_000) {
		await spool.append(bytes.subarray(start, start + 50_000));
	}
	for (const [start, end] of [
		[0, 1],
		[99_999, 100_001],
		[2_400_000, 2_400_010],
		[2_499_999, 2_500_000],
	] as const) {
		t.true((await readAll(spool, start, end)).equals(bytes.subarray(start, end)));
	}
	await spool.release();
});

test('a small content needs no file', async t => {
	let asked = false;
	const spool = new Spool(async () => {
		asked = true;
		throw new Error('there is no folder');
	});
	for (let index = 0; index < 100; index++) {
		t.is(spool.append(randomBytes(5_000)), undefined);
	}
	t.false(asked);
	await spool.release();
});

test('a file that cannot be written fails the giver', async t => {
	const spool = new Spool(() => Promise.reject(new Error('the disk is gone')));
	await t.throwsAsync(
		(async () => {
			for (;;) {
				await spool.append(randomBytes(100_000));
			}
		})(),
		{message: 'the disk is gone'},
	);
	await spool.release();
});
