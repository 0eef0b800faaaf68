import {randomBytes} from 'node:crypto';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Spool} from './spool.ts';

const pieceSize = 64 * 1024;

/** A spool of 4 MiB, most of which is in its file by now, and a part of its first piece that was read before. */
async function fillSpool(t: ExecutionContext, options: {readonly givenAway: boolean}) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-spool-memory-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const spool = new Spool(async () => folder, options);
	const bytes = randomBytes(64 * pieceSize);
	const pieces: Buffer[] = [];
	let first: Buffer | undefined;
	for (let start = 0; start < bytes.length; start += pieceSize) {
		const piece = Buffer.allocUnsafeSlow(pieceSize);
		bytes.copy(piece, 0, start);
		pieces.push(piece);
		await spool.append(piece);
		first ??= await spool.read(0, 1000);
	}
	return {spool, bytes, pieces, first: first!};
}

const isFreed = ({buffer}: Buffer) => buffer.byteLength === 0;

test('pieces that were given away are freed once they are in the file, and those that are being read are not', async t => {
	const {spool, bytes, pieces, first} = await fillSpool(t, {givenAway: true});
	t.true(pieces.slice(1, 10).every(isFreed));
	t.true(first.equals(bytes.subarray(0, 1000)));
	spool.giveBack(first);
	t.true(isFreed(pieces[0]!));
	const again = await spool.read(0, bytes.length);
	t.true(again.equals(bytes.subarray(0, again.length)));
	spool.giveBack(again);
	t.true(isFreed(again));
	await spool.release();
	t.true(pieces.every(isFreed));
});

test('a part that is given back twice, or by one of two readers, frees nothing that is being read', async t => {
	const {spool, bytes, pieces} = await fillSpool(t, {givenAway: true});
	const [start, end] = [bytes.length - pieceSize, bytes.length];
	const [one, two] = [await spool.read(start, end), await spool.read(start, end)];
	spool.giveBack(one);
	spool.giveBack(one);
	await spool.release();
	t.true(two.equals(bytes.subarray(start)));
	spool.giveBack(two);
	t.true(isFreed(pieces.at(-1)!));
});

test('pieces that were not given away stay as they are', async t => {
	const {spool, bytes, pieces, first} = await fillSpool(t, {givenAway: false});
	spool.giveBack(first);
	await spool.release();
	t.true(Buffer.concat(pieces).equals(bytes));
});
