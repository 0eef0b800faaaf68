import {type Digest, DigestBuilder} from '@stowage/core';
import {Readable} from 'node:stream';

/** Bytes on their way into an upload. */
export class StoredBytes {
	/** To be destroyed by whoever makes this. */
	readonly body: Readable;
	readonly #hash = new DigestBuilder();
	#size = 0;

	constructor(pieces: AsyncIterable<Buffer>) {
		this.body = Readable.from(this.#count(pieces), {objectMode: false});
		// Who reads it is told; but an error may come when nobody reads any more.
		this.body.on('error', () => undefined);
	}

	/** Of those that have passed. */
	get digest(): Digest {
		return this.#hash.digest();
	}

	/** How many have passed. */
	get size(): number {
		return this.#size;
	}

	async *#count(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
		for await (const piece of pieces) {
			this.#hash.update(piece);
			this.#size += piece.length;
			yield piece;
		}
	}
}
