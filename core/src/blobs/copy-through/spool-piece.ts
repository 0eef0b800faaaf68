import {freePiece} from '../free-piece.ts';

/** Some bytes of a spool, which are freed when the spool and all who were given a part of them are done with them. */
export class SpoolPiece {
	readonly start: number;
	readonly bytes: Buffer;
	readonly #mayFree: boolean;
	#users = 1;

	/** `mayFree` tells that nobody else looks at the bytes. */
	constructor(start: number, bytes: Buffer, mayFree: boolean) {
		this.start = start;
		this.bytes = bytes;
		this.#mayFree = mayFree;
	}

	get end(): number {
		return this.start + this.bytes.length;
	}

	retain(): void {
		this.#users++;
	}

	release(): void {
		this.#users--;
		if (this.#users === 0 && this.#mayFree) {
			freePiece(this.bytes);
		}
	}
}
