import {type Readable, addAbortSignal} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Digest, DigestBuilder, digestAlgorithm} from '../../oci/digest.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import {discardBody} from '../../outbound/discard-body.ts';
import {takePieces} from '../../storage/take-pieces.ts';
import type {Logger} from '../../types/logger.ts';
import type {ExpectedBlob} from '../blob-store.ts';
import {BreakError} from './break-error.ts';
import type {CopySource} from './copy-source.ts';
import {skipBytes} from './skip-bytes.ts';
import {SpoolError} from './spool-error.ts';

export interface BlobReceiverParts {
	readonly expected: ExpectedBlob;
	readonly source: CopySource;
	/** Takes the next bytes; a promise is waited for before the next call. */
	readonly append: (chunk: Buffer) => Promise<void> | undefined;
	readonly logger: Logger;
	/** Ends it. */
	readonly signal: AbortSignal;
}

/** A source that breaks again and again without giving anything is given up. */
const fruitlessTries = 5;
const mostTries = 100;

/** Gets the bytes of a blob from a source, which is asked to go on when it breaks off, and checks them. */
export class BlobReceiver {
	/** Resolves when the first byte can be expected; rejects with what the source says instead. */
	readonly opened: Promise<void>;
	readonly #parts: BlobReceiverParts;
	readonly #opening = Promise.withResolvers<void>();
	readonly #hash: DigestBuilder;
	#received = 0;

	constructor(parts: BlobReceiverParts) {
		this.#parts = parts;
		this.#hash = new DigestBuilder(digestAlgorithm(parts.expected.digest));
		this.opened = this.#opening.promise;
		// Whoever waits for it is told; nobody may be waiting.
		this.opened.catch(() => undefined);
	}

	/** Resolves when all bytes have been appended and are the right ones. To be called once. */
	async run(): Promise<void> {
		const {digest} = this.#parts.expected;
		try {
			await this.#receiveAll();
			if (this.#hash.digest() !== digest) {
				throw wrongBytes(digest, 'the upstream gave other bytes than the digest says');
			}
		} catch (error) {
			const reason = error instanceof BreakError ? brokenOff(error, digest) : error;
			this.#opening.reject(reason);
			throw reason;
		}
	}

	async #receiveAll(): Promise<void> {
		const {logger, signal, expected} = this.#parts;
		let body: Readable | undefined = await this.#open(0);
		this.#opening.resolve();
		for (let [tries, fruitless] = [1, 0]; ; tries++) {
			const before = this.#received;
			try {
				body ??= await this.#reopen();
				await this.#receiveFrom(body);
				return;
			} catch (error) {
				fruitless = this.#received > before ? 0 : fruitless + 1;
				const goesOn = error instanceof BreakError && fruitless <= fruitlessTries && tries <= mostTries;
				if (!goesOn || signal.aborted) {
					throw error;
				}
				logger.info({err: error, blob: expected.digest, received: this.#received}, 'upstream broke off');
			} finally {
				if (body !== undefined) {
					discardBody(body);
				}
			}
			body = undefined;
			await sleep(100 * 2 ** fruitless * (0.5 + Math.random()), undefined, {signal});
		}
	}

	/** Whoever broke off may need a while until he answers again. */
	async #reopen(): Promise<Readable> {
		try {
			return await this.#open(this.#received);
		} catch (error) {
			throw new BreakError(error);
		}
	}

	/** A source that cannot begin in the middle is read from its beginning again. */
	async #open(offset: number): Promise<Readable> {
		const {source, signal} = this.#parts;
		const body = await source.open(signal, offset);
		if (body !== undefined) {
			return body;
		}
		const whole = offset === 0 ? undefined : await source.open(signal, 0);
		if (whole === undefined) {
			throw new Error('the source of a blob cannot be read from its beginning');
		}
		return skipBytes(whole, offset);
	}

	async #receiveFrom(body: Readable): Promise<void> {
		const {expected, signal} = this.#parts;
		const all = () => this.#received === expected.size;
		if (all()) {
			return;
		}
		addAbortSignal(signal, body);
		try {
			await takePieces(body, chunk => this.#take(chunk), all);
		} catch (error) {
			throw error instanceof RegistryError || error instanceof SpoolError ? error : new BreakError(error);
		}
		if (!all()) {
			throw new BreakError(new Error(`the body ended after ${this.#received} of ${expected.size} bytes`));
		}
	}

	#take(chunk: Buffer): Promise<void> | undefined {
		const {expected, append} = this.#parts;
		this.#received += chunk.length;
		if (this.#received > expected.size) {
			throw wrongBytes(expected.digest, 'the upstream gave more bytes than the blob has');
		}
		this.#hash.update(chunk);
		try {
			return append(chunk)?.catch((error: unknown) => {
				throw new SpoolError(error);
			});
		} catch (error) {
			throw new SpoolError(error);
		}
	}
}

function brokenOff(cause: BreakError, digest: Digest): RegistryError {
	return new RegistryError('UNAVAILABLE', 'the upstream broke off', {status: 502, detail: {digest}, cause});
}

function wrongBytes(digest: Digest, message: string): RegistryError {
	return new RegistryError('UNAVAILABLE', message, {status: 502, detail: {digest}});
}
