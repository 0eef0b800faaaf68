import type {FileHandle} from 'node:fs/promises';
import {Readable, finished} from 'node:stream';
import type {DigestBuilder} from '../oci/digest.ts';
import {RegistryError} from '../oci/registry-error.ts';
import type {UploadBody} from '../storage/driver.ts';
import type {Abortable} from '../types/abortable.ts';
import {freePiece} from './free-piece.ts';
import type {AppendOptions} from './upload.ts';

export interface ReceivedBodyOptions extends AppendOptions {
	/** Is given every byte that passes. */
	readonly hash?: DigestBuilder;
	/**
	 * Asked before every piece, which waits for the promise if there is one; what it rejects with breaks the stream. Asked
	 * once of a body that writes itself, in the end.
	 */
	readonly ready: () => Promise<void> | undefined;
}

/**
 * What a client sends, hashed in passing and not copied. When the client breaks off or `signal` aborts, the stream ends
 * as if all had come, so that the driver makes safe what it was given, and `broken` says why. A body of another size than
 * was said breaks the stream with `SIZE_INVALID`.
 */
export class ReceivedBody {
	/** Of the pieces in which the body comes; in object mode, since a byte stream would join them again. */
	readonly stream: UploadBody;
	#bytes = 0;
	#waiting = false;
	#over = false;
	#ended = false;
	#broken: {readonly reason: unknown} | undefined;
	readonly #body: UploadBody;
	readonly #options: ReceivedBodyOptions;
	readonly #forget: () => void;
	readonly #take = (chunk: Buffer) => this.#takeNext(chunk);

	constructor(body: UploadBody, options: ReceivedBodyOptions) {
		const {signal, givenAway} = options;
		this.#body = body;
		this.#options = options;
		this.stream = new Readable({objectMode: true, highWaterMark: 2, read: () => this.#goOn()});
		if (givenAway) {
			this.stream.release = freePiece;
		} else if (body.release !== undefined) {
			this.stream.release = piece => body.release?.(piece);
		}
		// Bytes that nobody has to see need not pass here.
		if (body.writeInto !== undefined && options.hash === undefined && options.size === undefined) {
			this.stream.writeInto = (open, options) => this.#writeInto(open, options);
		}
		// What breaks is told by the driver's rejection and by `broken`; without a listener it would end the process, also when
		// the client leaves after all is over.
		this.stream.on('error', () => undefined);
		body.on('error', () => undefined);
		// `pipeline` would destroy the driver's stream, and so what it has stored, when the client breaks off. Reading on
		// 'readable' stops and starts the socket for every piece, which costs two calls of the system each time (measured).
		body.pause().on('data', this.#take);
		this.#forget = finished(body, {writable: false, signal}, error => {
			this.#broken = error ? {reason: signal?.aborted ? signal.reason : error} : undefined;
			this.#end();
		});
	}

	/** How many have passed. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Set when the body ended before its time. */
	get broken(): {readonly reason: unknown} | undefined {
		return this.#broken;
	}

	/** Lets go of the body, which is its opener's to drain or destroy. */
	close(): void {
		this.#ended = true;
		this.#forget();
		this.#body.off('data', this.#take).pause();
		this.stream.destroy();
	}

	async #writeInto(open: () => Promise<FileHandle>, options?: Abortable): Promise<number | undefined> {
		try {
			const written = await this.#body.writeInto?.(open, options);
			await this.#options.ready();
			this.#bytes += written ?? 0;
			return written;
		} catch (error) {
			this.stream.destroy(error as Error);
			throw error;
		}
	}

	#goOn(): void {
		if (!this.#waiting && !this.#ended) {
			this.#body.resume();
		}
	}

	#takeNext(chunk: Buffer): void {
		const waiting = this.#options.ready();
		if (waiting === undefined) {
			this.#pass(chunk);
		} else {
			this.#waiting = true;
			this.#body.pause();
			void this.#passAfter(waiting, chunk);
		}
	}

	#pass(chunk: Buffer): void {
		if (this.#ended) {
			return;
		}
		this.#bytes += chunk.length;
		if (this.#bytes > (this.#options.size ?? Number.POSITIVE_INFINITY)) {
			this.#refuseSize();
			return;
		}
		this.#options.hash?.update(chunk);
		if (!this.stream.push(chunk)) {
			this.#body.pause();
		}
	}

	async #passAfter(waiting: Promise<void>, chunk: Buffer): Promise<void> {
		try {
			await waiting;
			this.#waiting = false;
			this.#pass(chunk);
			if (this.#over) {
				this.#end();
			}
		} catch (error) {
			this.#ended = true;
			this.stream.destroy(error as Error);
		}
	}

	/** A body may tell its end while its last piece still waits: pausing it does not hold that back. */
	#end(): void {
		this.#over = true;
		if (this.#ended || this.#waiting) {
			return;
		}
		if (this.#broken === undefined && this.#bytes < (this.#options.size ?? 0)) {
			this.#refuseSize();
			return;
		}
		this.#ended = true;
		this.stream.push(null);
	}

	#refuseSize(): void {
		this.#ended = true;
		const detail = {size: this.#options.size};
		this.stream.destroy(new RegistryError('SIZE_INVALID', 'the body has not the size that was said', {detail}));
	}
}
