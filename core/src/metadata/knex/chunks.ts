/** SQLite takes 32,766 values in a statement; so many rows at a time leave room for several columns. */
const chunkSize = 500;

/** The list in parts that a statement can take. */
export function* chunks<Item>(list: readonly Item[]): Generator<readonly Item[]> {
	for (let start = 0; start < list.length; start += chunkSize) {
		yield list.slice(start, start + chunkSize);
	}
}
