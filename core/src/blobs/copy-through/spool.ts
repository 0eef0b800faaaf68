import {randomUUID} from 'node:crypto';
import {type FileHandle, open, rm} from 'node:fs/promises';
import {join} from 'node:path';

interface Piece {
	readonly start: number;
	readonly bytes: Buffer;
}

const kibibyte = 1024;
/** What stays in memory for those who read as fast as the bytes come. */
const kept = 512 * kibibyte;
/** From here on the oldest bytes are written to the file, and from there on the giver waits for that. */
const mostKept = 1024 * kibibyte;
const largestRead = 64 * kibibyte;
/** Pieces smaller than this are joined, so that a giver of single bytes does not fill the memory with objects. */
const smallPiece = 8 * kibibyte;

/**
 * Bytes that are read by many while they come: the last of them from memory, those before from a file that has no name
 * any more, so that a crash leaves nothing. Small contents need no file at all.
 */
export class Spool {
	readonly #folder: () => Promise<string>;
	/** In order, without gaps, from `#written` on. */
	#pieces: Piece[] = [];
	#block = Buffer.alloc(0);
	#size = 0;
	#written = 0;
	#spilling: Promise<void> | undefined;
	#failure: {readonly reason: unknown} | undefined;
	#file: FileHandle | undefined;
	#users = 1;

	constructor(folder: () => Promise<string>) {
		this.#folder = folder;
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
			this.#pieces.push({start: this.#size, bytes});
		}
		this.#size += bytes.length;
		if (this.#size - this.#written <= mostKept) {
			return undefined;
		}
		this.#spilling ??= this.#spill().then(
			() => (this.#spilling = undefined),
			(reason: unknown) => void (this.#failure = {reason}),
		);
		return this.#size - this.#written > 2 * mostKept ? this.#spilling.then(() => this.#throwIfFailed()) : undefined;
	}

	/** Some bytes from `position` on, which must be less than `size`: one at least, and none from `end` on. */
	read(position: number, end: number): Buffer | Promise<Buffer> {
		if (position < this.#written) {
			return this.#readFile(position, Math.min(end, this.#written, position + largestRead));
		}
		const {start, bytes} = this.#pieceAt(position);
		return bytes.subarray(position - start, Math.min(end - start, position - start + largestRead));
	}

	/** One more who reads. */
	retain(): void {
		this.#users++;
	}

	/** One less who reads or gives. The last one ends it. */
	async release(): Promise<void> {
		this.#users--;
		if (this.#users > 0) {
			return;
		}
		await this.#spilling;
		this.#pieces = [];
		await this.#file?.close();
	}

	#throwIfFailed(): void {
		if (this.#failure !== undefined) {
			throw this.#failure.reason;
		}
	}

	/** Makes the last piece longer where it can: it is never among those that are being written. */
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
			this.#pieces[this.#pieces.length - 1] = {start: last.start, bytes: longer};
		} else {
			this.#pieces.push({start: this.#size, bytes: Buffer.from(buffer, byteOffset, bytes.length)});
		}
	}

	#pieceAt(position: number): Piece {
		let [low, high] = [0, this.#pieces.length - 1];
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((this.#pieces[middle] as Piece).start <= position) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		return this.#pieces[low] as Piece;
	}

	async #spill(): Promise<void> {
		this.#file ??= await openNameless(await this.#folder());
		while (this.#size - this.#written > kept) {
			const batch = this.#oldest(this.#size - this.#written - kept);
			await writeAll(
				this.#file,
				batch.map(({bytes}) => bytes),
				this.#written,
			);
			const last = batch.at(-1) as Piece;
			this.#written = last.start + last.bytes.length;
			this.#pieces.splice(0, batch.length);
		}
	}

	/** The first pieces, of `wanted` bytes together or a little more. */
	#oldest(wanted: number): readonly Piece[] {
		let count = 0;
		for (let taken = 0; taken < wanted && count < Math.min(this.#pieces.length, 512); count++) {
			taken += (this.#pieces[count] as Piece).bytes.length;
		}
		return this.#pieces.slice(0, count);
	}

	async #readFile(start: number, end: number): Promise<Buffer> {
		const buffer = Buffer.allocUnsafeSlow(end - start);
		const {bytesRead} = await (this.#file as FileHandle).read(buffer, 0, buffer.length, start);
		if (bytesRead === 0) {
			throw new Error('the spool file has lost what was written to it');
		}
		return buffer.subarray(0, bytesRead);
	}
}

async function openNameless(folder: string): Promise<FileHandle> {
	const path = join(folder, `${randomUUID()}.spool`);
	const file = await open(path, 'wx+', 0o600);
	await rm(path, {force: true});
	return file;
}

async function writeAll(file: FileHandle, buffers: readonly Buffer[], position: number): Promise<void> {
	const total = buffers.reduce((sum, {length}) => sum + length, 0);
	const {bytesWritten} = await file.writev(buffers, position);
	if (bytesWritten < total) {
		const rest = Buffer.concat(buffers, total).subarray(bytesWritten);
		await writeRest(file, rest, position + bytesWritten);
	}
}

async function writeRest(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
	for (let done = 0; done < bytes.length;) {
		done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
	}
}
