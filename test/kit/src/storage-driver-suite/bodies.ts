import {Readable} from 'node:stream';
import type {UploadBody} from '@stowage/core';

/** Bytes that look random and are the same in every run for the same `seed`. */
export function patternBytes(size: number, seed = 1): Buffer {
	const words = new Uint32Array(Math.ceil(size / 4));
	let state = (seed * 2_654_435_761) >>> 0 || 1;
	for (let index = 0; index < words.length; index += 1) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		words[index] = state >>> 0;
	}
	return Buffer.from(words.buffer, 0, size);
}

const oddSizes = [1, 7, 65_536, 3, 4_096, 100_003, 16_384];

/** The bytes as a stream that keeps to no size of piece. */
export function inOddPieces(bytes: Buffer): Readable {
	return Readable.from(oddPieces(bytes), {objectMode: false});
}

/** Writes itself into a file where a driver offers one, and can be read as well. */
export function writingItself(bytes: Buffer): UploadBody {
	const body: UploadBody = inOddPieces(bytes);
	body.writeInto = async open => {
		await using file = await open();
		await file.write(bytes, 0, bytes.length, 0);
		return bytes.length;
	};
	return body;
}

/** Breaks with {@link BrokenBody} while it writes itself. */
export function breakingInFile(bytes: Buffer): UploadBody {
	const body: UploadBody = breakingAfter(bytes);
	body.writeInto = async open => {
		await using file = await open();
		await file.write(bytes, 0, bytes.length, 0);
		throw new BrokenBody('the body broke off');
	};
	return body;
}

/** Breaks with {@link BrokenBody} once it has given all `bytes`. */
export function breakingAfter(bytes: Buffer): Readable {
	return Readable.from(brokenPieces(bytes), {objectMode: false});
}

/** Gives all `bytes` and then nothing more, without an end, as a client does that stalls. */
export function stallingAfter(bytes: Buffer): Readable {
	let given = false;
	return new Readable({
		read() {
			if (!given) {
				given = true;
				this.push(bytes);
			}
		},
	});
}

/** What a body fails with when its producer does. */
export class BrokenBody extends Error {
	override readonly name = 'BrokenBody';
}

function* oddPieces(bytes: Buffer): Iterable<Buffer> {
	let start = 0;
	for (let turn = 0; start < bytes.length; turn += 1) {
		const size = oddSizes[turn % oddSizes.length] ?? 1;
		yield bytes.subarray(start, start + size);
		start += size;
	}
}

function* brokenPieces(bytes: Buffer): Iterable<Buffer> {
	yield* oddPieces(bytes);
	throw new BrokenBody('the body broke off');
}
