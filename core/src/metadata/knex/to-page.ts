import type {Page} from '../../types/page.ts';

/** A page of `limit` items out of one more, if there is one more: it says that there is a next page. */
export function toPage<Item>(found: readonly Item[], limit: number, cursor: (item: Item) => string): Page<Item> {
	const items = found.slice(0, limit);
	const last = items.at(-1);
	return found.length > limit && last !== undefined ? {items, next: cursor(last)} : {items};
}
