import {randomBytes} from 'node:crypto';
import {mkdtemp, open, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import type {UploadBody} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {EarlySync} from './early-sync.ts';
import {BatchBudget} from './batch-budget.ts';
import {writeBatches} from './write-batches.ts';

const mebibyte = 1024 * 1024;

async function openFile(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-batches-'));
	const path = join(folder, 'file');
	const handle = await open(path, 'w');
	t.teardown(async () => {
		await handle.close();
		await rm(folder, {recursive: true});
	});
	return {path, handle};
}

test('a body that is synced several times on its way arrives whole', async t => {
	const {path, handle} = await openFile(t);
	const bytes = randomBytes(50 * mebibyte + 5);
	const pieces = Array.from({length: 51}, (_, index) => bytes.subarray(index * mebibyte, (index + 1) * mebibyte));
	t.is(await writeBatches(handle, Readable.from(pieces), 0, {durable: true, budget: new BatchBudget()}), bytes.length);
	t.true(bytes.equals(await readFile(path)));
});

test('each piece is released once, and only when its bytes are in the file', async t => {
	const {path, handle} = await openFile(t);
	const pieces = Array.from({length: 40}, () => randomBytes(64 * 1024));
	const bytes = Buffer.concat(pieces);
	const released: Uint8Array[] = [];
	const body: UploadBody = Readable.from(pieces);
	body.release = piece => {
		released.push(Buffer.from(piece));
		piece.fill(0);
	};
	await writeBatches(handle, body, 0, {durable: false, budget: new BatchBudget()});
	t.true(bytes.equals(await readFile(path)));
	t.true(bytes.equals(Buffer.concat(released)));
});

test('no piece of a batch that failed is released', async t => {
	const {path} = await openFile(t);
	const unwritable = await open(path, 'r');
	t.teardown(() => unwritable.close());
	const body: UploadBody = Readable.from([randomBytes(10)]);
	body.release = () => t.fail();
	await t.throwsAsync(writeBatches(unwritable, body, 0, {durable: true, budget: new BatchBudget()}), {code: 'EBADF'});
});

test('a failed sync on the way is told at the end, and only there', async t => {
	const {path} = await openFile(t);
	const handle = await open(path, 'r+');
	const sync = new EarlySync(handle);
	await handle.close();
	sync.written(16 * mebibyte);
	await t.notThrowsAsync(sync.settled());
	await t.throwsAsync(sync.end(), {code: 'EBADF'});
});
