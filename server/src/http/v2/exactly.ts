import {wrongSize} from './wrong-size.ts';

/** Passes on what comes. Throws when it is more or less than `size` bytes. */
export async function* exactly(size: number, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
	let passed = 0;
	for await (const piece of source) {
		passed += piece.length;
		if (passed > size) {
			break;
		}
		yield piece;
	}
	if (passed !== size) {
		throw wrongSize(passed, size);
	}
}
