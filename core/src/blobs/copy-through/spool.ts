import type {FileHandle} from 'node:fs/promises';
import {SpoolFiles} from './spool-files.ts';
import {SpoolPiece} from './spool-piece.ts';

const kibibyte = 1024;
/** What stays in memory for those who read as fast as the bytes come. */
const kept = 512 * kibibyte;
/** From here on the oldest bytes are written to the file, and from there on the giver waits for that. */
const mostKept = 1024 * kibibyte;
const largestRead = 64 * kibibyte;
/** Of the file: fewer, larger reads cost half the processor time (measured), and memory for each reader. */
const largestFileRead = 256 * kibibyte;
/** So many readers may have that much. */
const fewReaders = 16;
/** Pieces smaller than this are joined, so that a giver of single bytes does not fill the memory with objects. */
const smallPiece = 8 * kibibyte;

/**
 * Bytes that are read by many while they come: the last of them from memory, those before from a file, which is nameless
 * unless the storage lends the one that is to keep them. Small contents need no nameless file at all.
 */
export class Spool {
	readonly #files: SpoolFiles;
	readonly #givenAway: boolean;
	/** In order, without gaps, from `#written` on. */
	#pieces: SpoolPiece[] = [];
	/** Whose parts readers have. Weak, for many never give back what they got. */
	readonly #lent = new WeakMap<Uint8Array, SpoolPiece>();
	#block = Buffer.alloc(0);
	#size = 0;
	#written = 0;
	#spilling: Promise<void> | undefined;
	#failure: {readonly reason: unknown} | undefined;
	#users = 1;

	/** `givenAway` tells that nobody else looks at what is appended, so that its memory may be freed. */
	constructor(folder: () => Promise<string>, {givenAway = false}: {readonly givenAway?: boolean} = {}) {
		this.#files = new SpoolFiles(folder);
		this.#givenAway = givenAway;
	}

	/** How many bytes can be read. */
	get size(): number {
		return this.#size;
	}

	/**
	 * Takes the next bytes, which nobody may change any more. A promise is to be waited for before the next call. Throws
	 * when bytes before could not be written.
	 */
	append(bytes: Buffer): Promise<void> | undefined {
		this.#throwIfFailed();
		if (bytes.length < smallPiece) {
			this.#appendCopy(bytes);
		} else {
			this.#pieces.push(new SpoolPiece(this.#size, bytes, this.#givenAway));
		}
		this.#size += bytes.length;
		if (this.#size - this.#written <= mostKept) {
			return undefined;
		}
		const spilling = this.#startSpill(kept);
		return this.#size - this.#written > 2 * mostKept ? spilling.then(() => this.#throwIfFailed()) : undefined;
	}

	/**
	 * Has all bytes written to the file that `open` opens, and resolves to true once `complete` has and all are in it. To
	 * false when others are in another file already. Once settled, nothing is written to it any more.
	 */
	async fill(open: () => Promise<FileHandle>, complete: () => Promise<unknown>): Promise<boolean> {
		if (!(await this.#files.lend(open))) {
			return false;
		}
		try {
			const filled = complete().then(() => this.#flush());
			await Promise.race([filled, this.#files.lentFailure]);
			return true;
		} finally {
			await this.#files.leave();
		}
	}

	/** What {@link fill} would give from now on comes too late. */
	needsOwnFile(): void {
		this.#files.decline();
	}

	/** Some bytes from `position` on, which must be less than `size`: one at least, and none from `end` on. */
	read(position: number, end: number): Buffer | Promise<Buffer> {
		if (position < this.#written) {
			const largest = this.#users <= fewReaders ? largestFileRead : largestRead;
			return this.#readFile(position, Math.min(end, this.#written, position + largest));
		}
		const piece = this.#pieceAt(position);
		const from = position - piece.start;
		const part = piece.bytes.subarray(from, Math.min(end - piece.start, from + largestRead));
		piece.retain();
		this.#lent.set(part, piece);
		return part;
	}

	/** Takes back what `read` gave, and nobody looks at any more: the sooner, the less memory is in use. */
	giveBack(part: Uint8Array): void {
		const piece = this.#lent.get(part);
		this.#lent.delete(part);
		piece?.release();
	}

	/** One more who reads. False when the last one has left: then there is nothing to read any more. */
	retain(): boolean {
		if (this.#users === 0) {
			return false;
		}
		this.#users++;
		return true;
	}

	/** One less who reads or gives. The last one ends it. */
	async release(): Promise<void> {
		this.#users--;
		if (this.#users > 0) {
			return;
		}
		await this.#spilling;
		this.#pieces.forEach(piece => piece.release());
		this.#pieces = [];
		await this.#files.close();
	}

	#throwIfFailed(): void {
		if (this.#failure !== undefined) {
			throw this.#failure.reason;
		}
	}

	/** Makes the last piece longer where it can: as long as bytes come, it is never among those that are being written. */
	#appendCopy(bytes: Buffer): void {
		const last = this.#pieces.at(-1);
		const joins = last?.bytes.buffer === this.#block.buffer && this.#block.length >= bytes.length;
		if (!joins) {
			this.#block = Buffer.allocUnsafeSlow(largestRead);
		}
		const {byteOffset} = this.#block;
		bytes.copy(this.#block);
		this.#block = this.#block.subarray(bytes.length);
		const {buffer} = this.#block;
		if (joins) {
			const longer = Buffer.from(buffer, last.bytes.byteOffset, last.bytes.length + bytes.length);
			this.#pieces[this.#pieces.length - 1] = new SpoolPiece(last.start, longer, false);
		} else {
			this.#pieces.push(new SpoolPiece(this.#size, Buffer.from(buffer, byteOffset, bytes.length), false));
		}
	}

	#pieceAt(position: number): SpoolPiece {
		let [low, high] = [0, this.#pieces.length - 1];
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((this.#pieces[middle] as SpoolPiece).start <= position) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		return this.#pieces[low] as SpoolPiece;
	}

	/** Writes all but the last bytes to the file, unless that is being done. Never rejects. */
	#startSpill(keep: number): Promise<void> {
		this.#spilling ??= this.#spill(keep).then(
			() => (this.#spilling = undefined),
			(reason: unknown) => void (this.#failure = {reason}),
		);
		return this.#spilling;
	}

	async #flush(): Promise<void> {
		await this.#spilling;
		await this.#startSpill(0);
		this.#throwIfFailed();
	}

	async #spill(keep: number): Promise<void> {
		while (this.#size - this.#written > keep) {
			const batch = this.#oldest(this.#size - this.#written - keep);
			await this.#files.write(
				batch.map(({bytes}) => bytes),
				this.#written,
			);
			this.#written = (batch.at(-1) as SpoolPiece).end;
			this.#pieces.splice(0, batch.length);
			batch.forEach(piece => piece.release());
		}
	}

	/** The first pieces, of `wanted` bytes together or a little more. */
	#oldest(wanted: number): readonly SpoolPiece[] {
		let count = 0;
		for (let taken = 0; taken < wanted && count < Math.min(this.#pieces.length, 512); count++) {
			taken += (this.#pieces[count] as SpoolPiece).bytes.length;
		}
		return this.#pieces.slice(0, count);
	}

	async #readFile(start: number, end: number): Promise<Buffer> {
		const part = await this.#files.read(start, end);
		this.#lent.set(part, new SpoolPiece(start, part, true));
		return part;
	}
}
