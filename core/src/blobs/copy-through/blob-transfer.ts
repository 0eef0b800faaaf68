import type {FileHandle} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import type {Digest} from '../../oci/digest.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {ByteRange} from '../../types/byte-range.ts';
import type {Logger} from '../../types/logger.ts';
import {unlessAborted} from '../../types/unless-aborted.ts';
import type {ExpectedBlob} from '../blob-store.ts';
import {BlobReceiver} from './blob-receiver.ts';
import type {CopySource} from './copy-source.ts';
import {Spool} from './spool.ts';
import {type Fillable, StoreReader} from './store-reader.ts';
import {TransferReader} from './transfer-reader.ts';

export interface BlobTransferParts {
	readonly expected: ExpectedBlob;
	readonly source: CopySource;
	/** Keeps what it reads under this digest; the image that began the transfer holds it then. */
	readonly store: (body: Readable, digest: Digest, signal: AbortSignal) => Promise<void>;
	readonly spoolFolder: () => Promise<string>;
	readonly logger: Logger;
}

/** So many bytes at the end are kept back until the digest is found right. */
const withheld = 1024;

/** One blob on its way from a source to the storage, and to everybody who asks for it meanwhile. */
export class BlobTransfer implements Fillable {
	readonly digest: Digest;
	readonly size: number;
	/** Resolves when the first byte can be expected; rejects with what the source says instead. */
	readonly opened: Promise<void>;
	/** Resolves when all bytes have come and are the right ones. */
	readonly verified: Promise<void>;
	readonly #parts: BlobTransferParts;
	readonly #spool: Spool;
	readonly #receiver: BlobReceiver;
	readonly #stopped = new AbortController();
	readonly #waiting = new Set<() => void>();
	/** What is to be done once the blob is stored, by whom it is done for. */
	readonly #followers = new Map<string, () => Promise<unknown>>();
	/** Readers are told once of all that came in one turn of the event loop. */
	#waking: NodeJS.Immediate | undefined;
	#right = false;
	#stored = false;
	#failure: {readonly reason: unknown} | undefined;

	constructor(parts: BlobTransferParts) {
		const {expected, source, logger} = parts;
		({digest: this.digest, size: this.size} = expected);
		this.#parts = parts;
		this.#spool = new Spool(parts.spoolFolder, {givenAway: source.givenAway});
		const append = (chunk: Buffer) => this.#append(chunk);
		this.#receiver = new BlobReceiver({expected, source, append, logger, signal: this.#stopped.signal});
		this.opened = this.#receiver.opened;
		this.verified = this.#receive();
		// Whoever waits for it is told; nobody may be waiting.
		this.verified.catch(() => undefined);
	}

	/** Bytes that came so far. */
	get received(): number {
		return this.#spool.size;
	}

	/** Whether those who join now get nothing. */
	get failed(): boolean {
		return this.#failure !== undefined;
	}

	/** Waits until the blob is stored, or cannot be. Never rejects. To be called once. */
	async run(): Promise<void> {
		const {store, logger} = this.#parts;
		try {
			await this.opened;
		} catch {
			// Those who ask are told, and there is nothing to store.
			await this.#spool.release();
			return;
		}
		try {
			await store(this.#readToStore(), this.digest, this.#stopped.signal);
			await this.verified;
			this.#stored = true;
			await Promise.all([...this.#followers.values()].map(follow => follow()));
		} catch (error) {
			this.#spool.needsOwnFile();
			logger.warn({err: this.#failure?.reason ?? error, blob: this.digest}, 'a blob from upstream could not be kept');
			await this.verified.catch(() => undefined);
		} finally {
			await this.#spool.release();
		}
	}

	/** Ends it for everybody. */
	stop(reason: Error): void {
		this.#stopped.abort(reason);
	}

	/** Has `work` done once the blob is stored, once for each `name`. */
	afterwards(name: string, work: () => Promise<unknown>): void {
		if (!this.#stored) {
			this.#followers.set(name, work);
			return;
		}
		work().catch((error: unknown) =>
			this.#parts.logger.warn({err: error, blob: this.digest}, 'an image could not hold a blob from upstream'),
		);
	}

	/** Keeps what has come until the function is called that it gives. Undefined when nothing of it is left. */
	keep(): (() => void) | undefined {
		return this.#spool.retain() ? () => this.#letGo() : undefined;
	}

	/** A part of the blob. Its last bytes come when the whole is known to be right; until then, it may still fail. */
	read(range: ByteRange): Readable {
		this.#spool.retain();
		return new TransferReader(this, range);
	}

	take(position: number, end: number, wake: () => void): Buffer | Promise<Buffer> | undefined {
		const ready = this.#right ? this.size : Math.min(this.#spool.size, this.size - withheld);
		if (position < ready) {
			return this.#spool.read(position, Math.min(end, ready));
		}
		if (this.#failure !== undefined) {
			throw this.#failure.reason;
		}
		this.#waiting.add(wake);
		return undefined;
	}

	giveBack(part: Uint8Array): void {
		this.#spool.giveBack(part);
	}

	async fill(open: () => Promise<FileHandle>, {signal}: Abortable = {}): Promise<number | undefined> {
		const complete = () => unlessAborted(this.verified, signal);
		return (await this.#spool.fill(open, complete)) ? this.size : undefined;
	}

	needsOwnFile(): void {
		this.#spool.needsOwnFile();
	}

	leave(wake: () => void): void {
		this.#waiting.delete(wake);
		this.#letGo();
	}

	#readToStore(): Readable {
		this.#spool.retain();
		return new StoreReader(this, {start: 0, end: this.size});
	}

	#letGo(): void {
		this.#spool
			.release()
			.catch((error: unknown) => this.#parts.logger.warn({err: error}, 'a spool file could not be closed'));
	}

	async #receive(): Promise<void> {
		try {
			await this.#receiver.run();
			this.#right = true;
		} catch (reason) {
			this.#failure = {reason};
			throw reason;
		} finally {
			this.#wakeAll();
		}
	}

	#append(chunk: Buffer): Promise<void> | undefined {
		const full = this.#spool.append(chunk);
		this.#waking ??= setImmediate(() => this.#wakeAll());
		return full;
	}

	#wakeAll(): void {
		clearImmediate(this.#waking);
		this.#waking = undefined;
		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const wake of waiting) {
			wake();
		}
	}
}
