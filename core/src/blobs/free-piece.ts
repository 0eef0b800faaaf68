/**
 * Frees the memory of a piece at once, where it has that memory to itself; nobody may look at it any more. Thousands of
 * pieces outside of the heap make the engine collect its whole heap again and again, which costs more than hashing them
 * does (measured).
 */
export function freePiece({buffer, byteLength}: Uint8Array): void {
	if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
		buffer.transfer(0);
	}
}
