import {Readable, addAbortSignal} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Digest, DigestBuilder, digestAlgorithm} from '../../oci/digest.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import {discardBody} from '../../outbound/discard-body.ts';
import type {ByteRange} from '../../types/byte-range.ts';
import type {Logger} from '../../types/logger.ts';
import type {ExpectedBlob} from '../blob-store.ts';
import type {CopySource} from './copy-source.ts';
import {Spool} from './spool.ts';
import {type Followed, TransferReader} from './transfer-reader.ts';

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
/** A source that breaks again and again without giving anything is given up. */
const fruitlessTries = 5;
const mostTries = 100;

/** One blob on its way from a source to the storage, and to everybody who asks for it meanwhile. */
export class BlobTransfer implements Followed {
	readonly digest: Digest;
	readonly size: number;
	/** Resolves when the first byte can be expected; rejects with what the source says instead. */
	readonly opened: Promise<void>;
	/** Resolves when all bytes have come and are the right ones. */
	readonly verified: Promise<void>;
	readonly #parts: BlobTransferParts;
	readonly #spool: Spool;
	readonly #opening = Promise.withResolvers<void>();
	readonly #stopped = new AbortController();
	readonly #waiting = new Set<() => void>();
	/** What is to be done once the blob is stored, by whom it is done for. */
	readonly #followers = new Map<string, () => Promise<unknown>>();
	#right = false;
	#stored = false;
	#failure: {readonly reason: unknown} | undefined;

	constructor(parts: BlobTransferParts) {
		({digest: this.digest, size: this.size} = parts.expected);
		this.#parts = parts;
		this.#spool = new Spool(parts.spoolFolder, {givenAway: parts.source.givenAway});
		this.opened = this.#opening.promise;
		this.verified = this.#receive();
		// Whoever waits for them is told; nobody may be waiting.
		this.opened.catch(() => undefined);
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
			await store(this.read({start: 0, end: this.size}), this.digest, this.#stopped.signal);
			await this.verified;
			this.#stored = true;
			await Promise.all([...this.#followers.values()].map(follow => follow()));
		} catch (error) {
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

	leave(wake: () => void): void {
		this.#waiting.delete(wake);
		this.#letGo();
	}

	#letGo(): void {
		this.#spool
			.release()
			.catch((error: unknown) => this.#parts.logger.warn({err: error}, 'a spool file could not be closed'));
	}

	async #receive(): Promise<void> {
		try {
			const hash = new DigestBuilder(digestAlgorithm(this.digest));
			await this.#receiveAll(hash);
			if (hash.digest() !== this.digest) {
				throw wrongBytes(this.digest, 'the upstream gave other bytes than the digest says');
			}
			this.#right = true;
		} catch (error) {
			const reason = error instanceof BreakError ? brokenOff(error, this.digest) : error;
			this.#failure = {reason};
			this.#opening.reject(reason);
			throw reason;
		} finally {
			this.#wakeAll();
		}
	}

	async #receiveAll(hash: DigestBuilder): Promise<void> {
		let body: Readable | undefined = await this.#open(0);
		this.#opening.resolve();
		for (let [tries, fruitless] = [1, 0]; ; tries++) {
			const before = this.received;
			try {
				body ??= await this.#reopen();
				await this.#receiveFrom(body, hash);
				return;
			} catch (error) {
				fruitless = this.received > before ? 0 : fruitless + 1;
				if (!isBreak(error) || this.#stopped.signal.aborted || fruitless > fruitlessTries || tries > mostTries) {
					throw error;
				}
				this.#parts.logger.info({err: error, blob: this.digest, received: this.received}, 'upstream broke off');
			} finally {
				if (body !== undefined) {
					discardBody(body);
				}
			}
			body = undefined;
			await sleep(100 * 2 ** fruitless * (0.5 + Math.random()), undefined, {signal: this.#stopped.signal});
		}
	}

	/** Whoever broke off may need a while until he answers again. */
	async #reopen(): Promise<Readable> {
		try {
			return await this.#open(this.received);
		} catch (error) {
			throw new BreakError(error);
		}
	}

	/** A source that cannot begin in the middle is read from its beginning again. */
	async #open(offset: number): Promise<Readable> {
		const {source} = this.#parts;
		const {signal} = this.#stopped;
		const body = await source.open(signal, offset);
		if (body !== undefined) {
			return body;
		}
		const whole = offset === 0 ? undefined : await source.open(signal, 0);
		if (whole === undefined) {
			throw new Error('the source of a blob cannot be read from its beginning');
		}
		return skip(whole, offset);
	}

	async #receiveFrom(body: Readable, hash: DigestBuilder): Promise<void> {
		if (this.received === this.size) {
			return;
		}
		addAbortSignal(this.#stopped.signal, body);
		try {
			for await (const chunk of body.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>) {
				await this.#receiveChunk(chunk, hash);
				if (this.received === this.size) {
					return;
				}
			}
		} catch (error) {
			throw error instanceof RegistryError || error instanceof SpoolError ? error : new BreakError(error);
		}
		throw new BreakError(new Error(`the body ended after ${this.received} of ${this.size} bytes`));
	}

	#receiveChunk(chunk: Buffer, hash: DigestBuilder): Promise<void> | undefined {
		if (this.received + chunk.length > this.size) {
			throw wrongBytes(this.digest, 'the upstream gave more bytes than the blob has');
		}
		hash.update(chunk);
		try {
			const full = this.#spool.append(chunk);
			this.#wakeAll();
			return full?.catch((error: unknown) => {
				throw new SpoolError(error);
			});
		} catch (error) {
			throw new SpoolError(error);
		}
	}

	#wakeAll(): void {
		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const wake of waiting) {
			wake();
		}
	}
}

/** The source stopped before its end: it may be asked to go on. */
class BreakError extends Error {
	readonly code = 'SOURCE_BROKE_OFF';

	constructor(cause: unknown) {
		super(`the source of a blob broke off: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
		this.name = 'BreakError';
	}
}

class SpoolError extends Error {
	readonly code = 'SPOOL_FAILED';

	constructor(cause: unknown) {
		super(`a blob could not be spooled: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
		this.name = 'SpoolError';
	}
}

function isBreak(error: unknown): boolean {
	return error instanceof BreakError;
}

function brokenOff(cause: BreakError, digest: Digest): RegistryError {
	return new RegistryError('UNAVAILABLE', 'the upstream broke off', {status: 502, detail: {digest}, cause});
}

function wrongBytes(digest: Digest, message: string): RegistryError {
	return new RegistryError('UNAVAILABLE', message, {status: 502, detail: {digest}});
}

/** The stream without its first bytes. */
function skip(body: Readable, bytes: number): Readable {
	const rest = async function* () {
		let left = bytes;
		for await (const chunk of body as AsyncIterable<Buffer>) {
			if (left < chunk.length) {
				yield chunk.subarray(left);
			}
			left = Math.max(0, left - chunk.length);
		}
	};
	return Readable.from(rest());
}
