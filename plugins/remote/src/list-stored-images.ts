import type {ImageName, Page, PageRequest, ReadOptions, RepositoryContext} from '@stowage/core';

/** How many names are asked for once some were left out. */
const scanned = 1000;

/** A page of the images that have something stored and that the caller may read: full whenever there is more. */
export async function listStoredImages(
	{key, records}: Pick<RepositoryContext, 'key' | 'records'>,
	{limit, after}: PageRequest,
	{caller, signal}: ReadOptions,
): Promise<Page<ImageName>> {
	const items: ImageName[] = [];
	let from: PageRequest | undefined = limit > 0 && caller.may('read', key) ? {limit, after} : undefined;
	while (from !== undefined) {
		signal?.throwIfAborted();
		const page: Page<ImageName> = await records.listImages(from);
		for (const image of page.items) {
			if (!caller.may('read', key, image)) {
				continue;
			}
			if (items.length === limit) {
				return {items, next: items.at(-1)};
			}
			items.push(image);
		}
		from = page.next === undefined ? undefined : {limit: scanned, after: page.next};
	}
	return {items};
}
