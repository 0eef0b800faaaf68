/** Passes on what comes. Throws when it is more or less than `size` bytes: a short body must never look like a whole one. */
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
		throw new Error(`the storage gave ${passed > size ? 'more than' : 'only'} ${passed} of ${size} bytes`);
	}
}
