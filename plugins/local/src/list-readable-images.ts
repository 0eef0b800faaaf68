import type {Abortable, ImageName, Page, PageRequest} from '@stowage/core';

interface Filter extends Abortable {
	readonly mayRead: (image: ImageName) => boolean;
}

/** How many names are asked for once some were left out. */
const scanned = 1000;

/** A page of what may be read: full whenever there is more, so that nothing tells how much was left out. */
export async function listReadableImages(
	list: (page: PageRequest) => Promise<Page<ImageName>>,
	{limit, after}: PageRequest,
	{mayRead, signal}: Filter,
): Promise<Page<ImageName>> {
	if (limit <= 0) {
		return {items: []};
	}
	const items: ImageName[] = [];
	let from: PageRequest = {limit, after};
	for (;;) {
		signal?.throwIfAborted();
		const page = await list(from);
		for (const image of page.items) {
			if (!mayRead(image)) {
				continue;
			}
			if (items.length === limit) {
				return {items, next: items.at(-1)};
			}
			items.push(image);
		}
		if (page.next === undefined) {
			return {items};
		}
		from = {limit: scanned, after: page.next};
	}
}
