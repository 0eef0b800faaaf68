import type {Page, PageRequest} from '@stowage/core';

/** A page of a list that is sorted by `keyOf`. */
export function pageOf<Item>(
	sorted: readonly Item[],
	{limit, after = ''}: PageRequest,
	keyOf: (item: Item) => string,
): Page<Item> {
	let [low, high] = [0, sorted.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (keyOf(sorted[middle] as Item) <= after) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	const items = sorted.slice(low, low + Math.max(limit, 0));
	const last = items.at(-1);
	return last === undefined || low + items.length >= sorted.length ? {items} : {items, next: keyOf(last)};
}

/** Each once, in byte order. */
export function sortedOnce<Name extends string>(names: readonly Name[]): readonly Name[] {
	// Names are ASCII, so that the order of their characters is that of their bytes.
	return [...new Set(names)].toSorted((one, other) => (one < other ? -1 : Number(one > other)));
}
