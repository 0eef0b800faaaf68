import {mkdir, mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import pLimit, {type LimitFunction} from 'p-limit';
import type {ByteRange} from '../../types/byte-range.ts';
import type {Abortable} from '../../types/abortable.ts';
import {unlessAborted} from '../../types/unless-aborted.ts';
import {BlobTransfer, type BlobTransferParts} from './blob-transfer.ts';
import type {CopySource} from './copy-source.ts';

export interface BlobTransfersOptions {
	/** Where bytes are spooled. Without it, a folder of its own below the system's temporary one. */
	readonly folder?: string;
	/** How many blobs are transferred at a time; further ones wait. 64 unless told. */
	readonly atMost?: number;
}

export interface TransferRequest extends Abortable, Omit<BlobTransferParts, 'spoolFolder'> {
	/** Name of the storage: there is one transfer at a time for a digest on it. */
	readonly storage: string;
	/** Who asks: a name for the image, unlike that of any other. */
	readonly owner: string;
	/** Lets the image hold the blob that another image's transfer has stored. */
	readonly hold: () => Promise<unknown>;
	readonly range?: ByteRange;
}

interface Running {
	readonly owner: string;
	readonly transfer: BlobTransfer;
	readonly done: Promise<void>;
}

/** A range that begins so far behind what has come is asked for at the source itself. */
const farAhead = 4 * 1024 * 1024;

/** All blobs that are on their way to a storage of this process. Whoever asks for one of them joins. */
export class BlobTransfers {
	readonly #folder: string | undefined;
	readonly #limit: LimitFunction;
	readonly #running = new Map<string, Running>();
	/** Also those that have failed and are not over yet. */
	readonly #all = new Set<Running>();
	#spoolFolder: Promise<string> | undefined;

	constructor({folder, atMost = 64}: BlobTransfersOptions = {}) {
		this.#folder = folder;
		this.#limit = pLimit(atMost);
	}

	/** With a folder, which is made, and cleared of what a process left that died in the moment of making a file. */
	static async open({folder, ...options}: BlobTransfersOptions & {readonly folder: string}): Promise<BlobTransfers> {
		await mkdir(folder, {recursive: true, mode: 0o700});
		for (const name of await readdir(folder)) {
			await rm(join(folder, name), {force: true, recursive: true});
		}
		return new BlobTransfers({...options, folder});
	}

	/**
	 * What was asked for, as soon as the source gives it. Undefined when the source does not give it to this owner. The
	 * transfer goes on when the reader leaves.
	 */
	async read(request: TransferRequest): Promise<Readable | undefined> {
		const found = this.#find(request);
		const kept = found?.transfer.keep();
		const running = found === undefined || kept === undefined ? this.#start(request) : found;
		const letGo = kept ?? running.transfer.keep();
		try {
			return await this.#readFrom(running, request);
		} finally {
			letGo?.();
		}
	}

	/** Of a transfer that is kept meanwhile. */
	async #readFrom({transfer, owner: first}: Running, request: TransferRequest): Promise<Readable | undefined> {
		const {expected, source, range, signal, owner} = request;
		if (first !== owner) {
			if (!(await source.check(signal ?? new AbortController().signal))) {
				return undefined;
			}
			transfer.afterwards(owner, request.hold);
		}
		await unlessAborted(expected.size === 0 ? transfer.verified : transfer.opened, signal);
		const wanted = range ?? {start: 0, end: expected.size};
		const direct = wanted.start > transfer.received + farAhead ? await openDirectly(source, wanted, signal) : undefined;
		return direct === undefined ? transfer.read(wanted) : continued(direct, wanted, transfer);
	}

	/** Ends all transfers; what they have stored of a blob is given up. */
	async close(): Promise<void> {
		const running = [...this.#all];
		for (const {transfer} of running) {
			transfer.stop(new Error('the transfer of a blob was ended'));
		}
		await Promise.all(running.map(({done}) => done));
		if (this.#folder === undefined && this.#spoolFolder !== undefined) {
			await rm(await this.#spoolFolder, {recursive: true, force: true});
		}
	}

	#find({storage, expected}: TransferRequest): Running | undefined {
		const running = this.#running.get(`${storage} ${expected.digest}`);
		return running?.transfer.failed === true ? undefined : running;
	}

	#start({storage, owner, expected, source, store, logger}: TransferRequest): Running {
		const key = `${storage} ${expected.digest}`;
		const turn = Promise.withResolvers<void>();
		const waiting: CopySource = {
			givenAway: source.givenAway,
			check: signal => source.check(signal),
			async open(signal, offset, end) {
				await unlessAborted(turn.promise, signal);
				return source.open(signal, offset, end);
			},
		};
		const spoolFolder = () => this.#openSpoolFolder();
		const transfer = new BlobTransfer({expected, source: waiting, store, spoolFolder, logger});
		const done = this.#limit(async () => {
			turn.resolve();
			await transfer.run();
			this.#all.delete(running);
			if (this.#running.get(key) === running) {
				this.#running.delete(key);
			}
		});
		const running: Running = {owner, transfer, done};
		this.#all.add(running);
		this.#running.set(key, running);
		return running;
	}

	#openSpoolFolder(): Promise<string> {
		this.#spoolFolder ??=
			this.#folder === undefined ? mkdtemp(join(tmpdir(), 'stowage-spool-')) : Promise.resolve(this.#folder);
		return this.#spoolFolder;
	}
}

/** Undefined when the source gives no part, or does not answer: then the spool is followed. */
async function openDirectly(
	source: CopySource,
	{start, end}: ByteRange,
	signal?: AbortSignal,
): Promise<Readable | undefined> {
	try {
		return await source.open(signal ?? new AbortController().signal, start, end);
	} catch (error) {
		if (signal?.aborted === true) {
			throw error;
		}
		return undefined;
	}
}

/** The part from its own source; what is missing when that breaks off comes from the transfer. */
function continued(body: Readable, {start, end}: ByteRange, transfer: BlobTransfer): Readable {
	const pieces = async function* () {
		let position = start;
		try {
			for await (const chunk of body as AsyncIterable<Buffer>) {
				const wanted = chunk.subarray(0, end - position);
				position += wanted.length;
				yield wanted;
				if (position === end) {
					return;
				}
			}
		} catch (error) {
			if (position === end) {
				throw error;
			}
		}
		yield* transfer.read({start: position, end}) as AsyncIterable<Buffer>;
	};
	const letGo = transfer.keep();
	return Readable.from(pieces(), {objectMode: false, highWaterMark: 64 * 1024})
		.on('error', () => undefined)
		.once('close', () => letGo?.());
}
