import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';

export interface ResumingStreamOptions {
	/** Bytes that the stream has from its first to its last. */
	readonly size: number;
	/** Opens the same bytes again, from `offset` on, counted from the first byte of the stream. */
	readonly reopen: (offset: number, signal: AbortSignal) => Promise<Readable>;
	/** Whether it is worth trying again after this error. A transfer that ends early always is. */
	readonly mayResume: (error: unknown) => boolean;
	/** How often in a row it is tried again without getting a byte. 4 unless told. */
	readonly attempts?: number;
	/** Milliseconds before it is tried again, doubled each time in a row. 200 unless told. */
	readonly delay?: number;
	/** Milliseconds that a reader waits for the next byte before the transfer counts as broken. 60,000 unless told. */
	readonly patience?: number;
}

/** A transfer that came to a halt or ended before its time. */
export class BrokenTransferError extends Error {
	override readonly name = 'BrokenTransferError';
	/** As the operating system has it for a peer that is silent. */
	readonly code = 'ETIMEDOUT';
}

/**
 * What a driver may give to readers instead of the body of an answer: when the connection breaks, it goes on with another
 * one where it stood. It fails when its source says something that cannot be mended, or nothing at all again and again.
 */
export class ResumingStream extends Readable {
	readonly #options: Required<ResumingStreamOptions>;
	readonly #end = new AbortController();
	#source: Readable;
	#offset = 0;
	#failures = 0;
	#waiting = false;
	#halt: NodeJS.Timeout | undefined;

	/** `first` gives the bytes from the very first on, and is the stream's from now on. */
	constructor(first: Readable, options: ResumingStreamOptions) {
		super();
		this.#options = {attempts: 4, delay: 200, patience: 60_000, ...options};
		this.#source = first;
		this.#follow(first);
	}

	override _read(): void {
		this.#waiting = true;
		this.#watch();
		this.#source.resume();
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		clearTimeout(this.#halt);
		this.#end.abort();
		this.#source.destroy();
		done(error);
	}

	/** Passes its bytes on while they are wanted, until it has ended in one way or another. */
	#follow(source: Readable): void {
		let over = false;
		const stop = (reason: unknown) => {
			if (!over) {
				over = true;
				this.#stopped(reason);
			}
		};
		source.on('data', (chunk: Buffer) => {
			this.#offset += chunk.length;
			this.#failures = 0;
			this.#waiting = this.push(chunk);
			if (this.#waiting) {
				this.#watch();
			} else {
				source.pause();
			}
		});
		source.once('end', () => stop(undefined));
		// An error that comes when it is over must not end the process.
		source.on('error', stop);
		source.once('close', () => stop(undefined));
		source.pause();
	}

	/** One timer for all chunks, and never stopped between them: that is what costs. */
	#watch(): void {
		this.#halt ??= setTimeout(() => {
			if (this.#waiting) {
				this.#source.destroy(new BrokenTransferError(`nothing came for ${this.#options.patience} ms`));
			}
		}, this.#options.patience).unref();
		this.#halt.refresh();
	}

	#stopped(reason: unknown): void {
		if (this.destroyed) {
			return;
		}
		const {size} = this.#options;
		if (this.#offset >= size) {
			this.push(null);
			return;
		}
		const early = new BrokenTransferError(`the transfer ended after ${this.#offset} of ${size} bytes`);
		this.#resumeAfter(reason ?? early).catch((failure: Error) => this.destroy(failure));
	}

	async #resumeAfter(error: unknown): Promise<void> {
		const {attempts, delay, mayResume, reopen} = this.#options;
		this.#source.destroy();
		const broken = error instanceof BrokenTransferError || mayResume(error);
		if (this.destroyed || !broken || this.#failures >= attempts) {
			throw error;
		}
		const {signal} = this.#end;
		await sleep(delay * 2 ** this.#failures, undefined, {signal});
		this.#failures += 1;
		try {
			this.#source = await reopen(this.#offset, signal);
		} catch (again) {
			await this.#resumeAfter(again);
			return;
		}
		this.#follow(this.#source);
		if (this.destroyed) {
			this.#source.destroy();
		} else if (this.#waiting) {
			this._read();
		}
	}
}
