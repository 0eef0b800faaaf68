import type {Readable} from 'node:stream';
import {type Abortable, destroyOnAbort} from '@stowage/core';
import type {Session} from './session.ts';

/**
 * Writes a body into an open file from `offset` on and resolves to where it ends. Many writes are under way at a time, as
 * the connection has slots. Once settled none is. Rejects as soon as a write fails, also when the body stalls.
 */
export async function writePieces(
	session: Session,
	handle: Buffer,
	body: Readable,
	{offset, signal}: Abortable & {readonly offset: number},
): Promise<number> {
	const writer = new PieceWriter(session, handle, offset);
	const chunks = body.iterator({destroyOnReturn: false}) as AsyncIterator<Buffer>;
	using _abort = destroyOnAbort(body, signal);
	try {
		for (;;) {
			const {value, done} = await writer.unlessFailed(chunks.next());
			if (done === true) {
				break;
			}
			await writer.add(value);
		}
		signal?.throwIfAborted();
		return await writer.end();
	} finally {
		// Not awaited: the iterator answers only when the body does, which may have stalled.
		chunks.return?.().catch(() => undefined);
		await writer.settled();
	}
}

class PieceWriter {
	readonly #session: Session;
	readonly #handle: Buffer;
	readonly #piece: Buffer;
	readonly #underWay = new Set<Promise<void>>();
	#position: number;
	#filled = 0;
	#failure: Error | undefined;
	#fail: ((error: Error) => void) | undefined;

	constructor(session: Session, handle: Buffer, position: number) {
		this.#session = session;
		this.#handle = handle;
		this.#position = position;
		this.#piece = Buffer.allocUnsafe(session.pieceSize);
	}

	/** What `work` resolves to; rejects at once when a write fails meanwhile. */
	async unlessFailed<Result>(work: Promise<Result>): Promise<Result> {
		const {promise, resolve, reject} = Promise.withResolvers<Result>();
		this.#fail = reject;
		work.then(resolve, reject);
		if (this.#failure !== undefined) {
			reject(this.#failure);
		}
		return promise;
	}

	/** Takes a copy of the bytes and resolves when there is room for more. */
	async add(chunk: Uint8Array): Promise<void> {
		for (let from = 0; from < chunk.length;) {
			const part = chunk.subarray(from, from + this.#piece.length - this.#filled);
			this.#piece.set(part, this.#filled);
			this.#filled += part.length;
			from += part.length;
			if (this.#filled === this.#piece.length) {
				await this.#flush();
			}
		}
	}

	async end(): Promise<number> {
		if (this.#filled > 0) {
			await this.#flush();
		}
		await this.settled();
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
		return this.#position;
	}

	/** Never rejects. */
	async settled(): Promise<void> {
		await Promise.all(this.#underWay);
	}

	async #flush(): Promise<void> {
		await this.#session.slots.take();
		if (this.#failure !== undefined) {
			this.#session.slots.give();
			throw this.#failure;
		}
		const write = this.#write(this.#filled, this.#position).catch((error: Error) => {
			this.#failure ??= error;
			this.#fail?.(error);
		});
		this.#underWay.add(write);
		void write.finally(() => {
			this.#session.slots.give();
			this.#underWay.delete(write);
		});
		this.#position += this.#filled;
		this.#filled = 0;
	}

	/** The library copies the bytes before it returns, so the piece can be filled again at once. */
	#write(length: number, position: number): Promise<void> {
		return this.#session.request('write', (channel, done) =>
			channel.write(this.#handle, this.#piece, 0, length, position, done),
		);
	}
}
