import {Readable} from 'node:stream';
import {type ByteRange, MissingError} from '@stowage/core';
import {closeFile} from './files.ts';
import type {Session} from './session.ts';

/** As many as one connection has under way. */
const mostPieces = 8;

interface Piece {
	readonly bytes: Promise<Buffer>;
	settled: boolean;
}

/**
 * Bytes of an open file. Reads ahead by as many pieces as it takes to keep its reader from waiting: two for a slow one.
 * Closes the file when it is done or destroyed.
 */
export class PieceStream extends Readable {
	readonly #session: Session;
	readonly #closed: () => void;
	readonly #handle: Buffer;
	readonly #end: number;
	readonly #ahead: Piece[] = [];
	#position: number;
	#most = 2;

	/** `closed` is called once the file is closed, or cannot be any more. */
	constructor(session: Session, handle: Buffer, {start, end, closed}: ByteRange & {readonly closed?: () => void}) {
		super({highWaterMark: 1});
		this.#session = session;
		this.#closed = closed ?? (() => undefined);
		this.#handle = handle;
		this.#position = start;
		this.#end = end;
	}

	override _read(): void {
		this.#next().then(
			bytes => this.push(bytes),
			(error: Error) => this.destroy(error),
		);
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		this.#position = this.#end;
		void this.#close();
		done(error);
	}

	async #close(): Promise<void> {
		// Whether the server could close it or has gone makes no difference to the reader.
		await closeFile(this.#session, this.#handle).catch(() => undefined);
		this.#closed();
	}

	async #next(): Promise<Buffer | null> {
		this.#readAhead();
		const first = this.#ahead.shift();
		if (first === undefined) {
			return null;
		}
		if (!first.settled) {
			this.#most = Math.min(mostPieces, this.#most * 2);
			this.#readAhead();
		}
		const bytes = await first.bytes;
		this.#readAhead();
		return bytes;
	}

	#readAhead(): void {
		while (this.#ahead.length < this.#most && this.#position < this.#end) {
			const length = Math.min(this.#session.pieceSize, this.#end - this.#position);
			this.#ahead.push(pieceOf(this.#fetch(this.#position, length)));
			this.#position += length;
		}
	}

	async #fetch(position: number, length: number): Promise<Buffer> {
		const bytes = Buffer.allocUnsafeSlow(length);
		const {slots} = this.#session;
		await slots.take();
		try {
			// A server may give less than asked for, and says nothing of why.
			for (let filled = 0; filled < length && !this.destroyed;) {
				filled += await this.#request(bytes, filled, position + filled);
			}
			return bytes;
		} finally {
			slots.give();
		}
	}

	async #request(bytes: Buffer, filled: number, position: number): Promise<number> {
		const count = await this.#session.request<number>('read', (channel, done) =>
			channel.read(this.#handle, bytes, filled, bytes.length - filled, position, done),
		);
		if (count === 0) {
			throw new MissingError(`the file ends at ${position} and not at ${this.#end}`);
		}
		return count;
	}
}

function pieceOf(bytes: Promise<Buffer>): Piece {
	const piece: Piece = {bytes, settled: false};
	// Whoever waits for the piece is told; until then its failure is nobody's unhandled rejection.
	bytes.catch(() => undefined).finally(() => (piece.settled = true));
	return piece;
}
