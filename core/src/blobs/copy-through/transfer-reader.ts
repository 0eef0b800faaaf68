import {Readable} from 'node:stream';
import type {UploadBody} from '../../storage/driver.ts';
import type {ByteRange} from '../../types/byte-range.ts';

/** What a reader follows. */
export interface Followed {
	/**
	 * Bytes from `position` on and before `end`; undefined when there are none yet: then `wake` is called once there may
	 * be. Throws when there will never be any.
	 */
	take(position: number, end: number, wake: () => void): Buffer | Promise<Buffer> | undefined;
	/** Called for a part of `take` that nobody looks at any more. */
	giveBack(part: Uint8Array): void;
	/** Called once, when the reader needs nothing more. */
	leave(wake: () => void): void;
}

/** A part of a transfer, as fast as it comes or as slow as it is read. In object mode: a byte stream would join pieces. */
export class TransferReader extends Readable implements UploadBody {
	readonly #followed: Followed;
	readonly #end: number;
	#position: number;
	/** For bytes that are on their way: what follows them must not be taken before. */
	#waits = false;
	readonly #wake = () => this.#next();

	constructor(followed: Followed, {start, end}: ByteRange) {
		super({objectMode: true, highWaterMark: 1});
		this.#followed = followed;
		this.#position = start;
		this.#end = end;
		// Whoever reads later finds the error all the same; until then it must not end the process.
		this.on('error', () => undefined);
	}

	release(piece: Uint8Array): void {
		this.#followed.giveBack(piece);
	}

	override _read(): void {
		this.#next();
	}

	override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
		this.#followed.leave(this.#wake);
		callback(error);
	}

	/** As many pieces as there are, until nobody wants more. */
	#next(): void {
		try {
			while (!this.destroyed && !this.#waits) {
				if (this.#position >= this.#end) {
					this.push(null);
					return;
				}
				const taken = this.#followed.take(this.#position, this.#end, this.#wake);
				if (taken instanceof Promise) {
					void this.#giveLater(taken);
					return;
				}
				if (taken === undefined || !this.#give(taken)) {
					return;
				}
			}
		} catch (error) {
			this.destroy(error as Error);
		}
	}

	async #giveLater(taken: Promise<Buffer>): Promise<void> {
		this.#waits = true;
		try {
			const bytes = await taken;
			this.#waits = false;
			if (!this.destroyed && this.#give(bytes)) {
				this.#next();
			}
		} catch (error) {
			this.destroy(error as Error);
		}
	}

	/** Whether more is wanted. */
	#give(bytes: Buffer): boolean {
		this.#position += bytes.length;
		return this.push(bytes);
	}
}
