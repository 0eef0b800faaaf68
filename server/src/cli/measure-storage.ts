import {createHash, randomBytes, randomUUID} from 'node:crypto';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {type Abortable, type Storage, type StoredObject, uploadPrefix} from '@stowage/core';

interface MeasureOptions extends Abortable {
	/** Size of the large object. */
	readonly bytes: number;
	/** How many small objects make up a median; 20 unless told. */
	readonly rounds?: number;
}

const smallBytes = 1024;
const pieceBytes = 1024 * 1024;
const addressSeconds = 300;

/**
 * Takes the times of every step of an object's life. Rejects when a step fails, when bytes come back other than they went,
 * and when the signal aborts. Leaves nothing; what a crash leaves is where a sweep looks.
 */
export async function measureStorage(
	storage: Storage,
	{bytes, rounds = 20, signal}: MeasureOptions,
): Promise<string[][]> {
	const times = new Map<string, number[]>();
	const timed: Timed = async (step, run) => {
		signal?.throwIfAborted();
		const started = performance.now();
		const result = await run();
		times.set(step, [...(times.get(step) ?? []), performance.now() - started]);
		return result;
	};
	await timed('check', () => storage.check({signal}));
	for (let round = 0; round < rounds; round++) {
		await roundTrip(storage, smallBytes, {timed: async (step, run) => timed(`${step} 1 KiB`, run), signal});
	}
	const size = `${bytes / 1024 / 1024} MiB`;
	await roundTrip(storage, bytes, {timed: async (step, run) => timed(`${step} ${size}`, run), signal});
	return [
		['step', 'median ms', 'slowest ms', 'MB/s'],
		...[...times].map(([step, taken]) => row(step, taken, transfers.test(step) ? bytes : undefined)),
	];
}

/** Steps of the large object that take as long as it is large. */
const transfers = /^(write|move|read|read by address) \d+ MiB/;

type Timed = <Result>(step: string, run: () => Promise<Result>) => Promise<Result>;

interface RoundTripOptions extends Abortable {
	readonly timed: Timed;
}

async function roundTrip(storage: Storage, bytes: number, {timed, signal}: RoundTripOptions): Promise<void> {
	const id = randomUUID();
	const [from, to] = [`${uploadPrefix}check-${id}`, `${uploadPrefix}checked-${id}`];
	const sent = createHash('sha256');
	let state = await timed('create', () => storage.createUpload(from, {signal, uncached: true}));
	try {
		await timed('write', async () => {
			state = await storage.appendUpload(state, Readable.from(pieces(bytes, sent)), {signal});
			await storage.sealUpload(state, {signal});
		});
		await timed('move', () => storage.move(from, to, {signal}));
		const found = await timed('stat', () => storage.stat(to, {signal}));
		const listed = await timed('list', () => sizesOf(storage.list(to, {signal})));
		const digest = sent.digest('hex');
		if (found?.size !== bytes || listed.length !== 1 || listed[0] !== bytes) {
			throw new StorageCheckError(storage.name, `${bytes} bytes are not told of as they were written`);
		}
		const read = await timed('read', async () => hashOf(await storage.read(to, {signal, uncached: true}), signal));
		demandSame(storage, read, digest);
		await readByAddress(storage, to, {digest, timed, signal});
		await timed('delete', () => storage.delete(to, {signal}));
	} finally {
		try {
			await storage.abortUpload(state);
		} finally {
			await storage.delete(to);
		}
	}
}

/** Where clients are sent to the store itself. */
async function readByAddress(
	storage: Storage,
	key: string,
	{digest, timed, signal}: RoundTripOptions & {readonly digest: string},
): Promise<void> {
	const sign = storage.signedUrl;
	if (sign === undefined) {
		return;
	}
	const url = await timed('sign', () => sign(key, {expiresInSeconds: addressSeconds, signal}));
	const read = await timed('read by address', async () => {
		const {status, body} = await fetch(url, {signal});
		if (status !== 200 || body === null) {
			await body?.cancel();
			throw new StorageCheckError(storage.name, `a signed address was answered with ${status}`);
		}
		return hashOf(Readable.fromWeb(body), signal);
	});
	demandSame(storage, read, digest);
}

async function sizesOf(objects: AsyncIterable<StoredObject>): Promise<number[]> {
	const sizes: number[] = [];
	for await (const {size} of objects) {
		sizes.push(size);
	}
	return sizes;
}

async function hashOf(body: Readable, signal: AbortSignal | undefined): Promise<string> {
	const received = createHash('sha256');
	await pipeline(body, received, {signal});
	return received.digest('hex');
}

function demandSame(storage: Storage, read: string, sent: string): void {
	if (read !== sent) {
		throw new StorageCheckError(storage.name, 'other bytes came back than were written');
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

	constructor(storage: string, what: string) {
		super(`storage "${storage}": ${what}`);
		this.name = 'StorageCheckError';
	}
}
