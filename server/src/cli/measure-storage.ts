import {createHash, randomBytes, randomUUID} from 'node:crypto';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {Storage} from '@stowage/core';

interface MeasureOptions {
	/** Size of the large object. */
	readonly bytes: number;
	/** How many small objects make up a median; 20 unless told. */
	readonly rounds?: number;
}

const smallBytes = 1024;
const pieceBytes = 1024 * 1024;

/** Takes the times of every step of an object's life. Rejects when a step fails or bytes come back other than they went. Leaves nothing. */
export async function measureStorage(storage: Storage, {bytes, rounds = 20}: MeasureOptions): Promise<string[][]> {
	const times = new Map<string, number[]>();
	const timed: Timed = async (step, run) => {
		const started = performance.now();
		const result = await run();
		times.set(step, [...(times.get(step) ?? []), performance.now() - started]);
		return result;
	};
	await timed('check', () => storage.check());
	for (let round = 0; round < rounds; round++) {
		await roundTrip(storage, smallBytes, async (step, run) => timed(`${step} 1 KiB`, run));
	}
	const size = `${bytes / 1024 / 1024} MiB`;
	await roundTrip(storage, bytes, async (step, run) => timed(`${step} ${size}`, run));
	return [
		['step', 'median ms', 'slowest ms', 'MB/s'],
		...[...times].map(([step, taken]) => row(step, taken, /^(write|read) \d+ MiB/.test(step) ? bytes : undefined)),
	];
}

type Timed = <Result>(step: string, run: () => Promise<Result>) => Promise<Result>;

async function roundTrip(storage: Storage, bytes: number, timed: Timed): Promise<void> {
	const id = randomUUID();
	const [from, to] = [`uploads/check-${id}`, `checks/${id}`];
	const sent = createHash('sha256');
	let state = await storage.createUpload(from);
	try {
		await timed('write', async () => {
			state = await storage.appendUpload(state, Readable.from(pieces(bytes, sent)));
			await storage.sealUpload(state);
		});
		await timed('move', () => storage.move(from, to));
		const found = await timed('stat', () => storage.stat(to));
		const received = createHash('sha256');
		await timed('read', async () => pipeline(await storage.read(to), received));
		if (found?.size !== bytes || received.digest('hex') !== sent.digest('hex')) {
			throw new StorageCheckError(storage.name, bytes);
		}
		await timed('delete', () => storage.delete(to));
	} finally {
		await storage.abortUpload(state);
		await storage.delete(to);
	}
}

/** Made anew for every object and cheap, so that neither compression nor a cache answers for the storage. */
function* pieces(bytes: number, hash: ReturnType<typeof createHash>): Iterable<Buffer> {
	const piece = randomBytes(Math.min(bytes, pieceBytes));
	for (let left = bytes; left > 0; left -= piece.length) {
		const next = left < piece.length ? piece.subarray(0, left) : piece;
		hash.update(next);
		yield next;
	}
}

function row(step: string, times: readonly number[], bytes: number | undefined): string[] {
	const sorted = times.toSorted((a, b) => a - b);
	const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
	const rate = bytes === undefined ? '' : (bytes / 1000 / median).toFixed(0);
	return [step, median.toFixed(1), (sorted.at(-1) ?? 0).toFixed(1), rate];
}

class StorageCheckError extends Error {
	readonly code = 'STORAGE_CHECK_FAILED';

	constructor(storage: string, bytes: number) {
		super(`storage "${storage}": ${bytes} bytes came back other than they were written`);
		this.name = 'StorageCheckError';
	}
}
