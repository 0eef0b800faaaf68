import type {Caller, Page, PageRequest, ReadOptions, Repositories} from '@stowage/core';

/**
 * The images of all repositories that the caller may read, as `<key>/<image>`, in the byte order of these names. That is
 * not the order of keys: `a-b/x` comes before `a/x`.
 */
export async function listAllImages(
	keys: readonly string[],
	repositories: Repositories,
	{limit, after}: PageRequest,
	options: ReadOptions,
): Promise<Page<string>> {
	const names: string[] = [];
	const prefixes = keys.map(key => `${key}/`).toSorted(byBytes);
	for (const prefix of prefixes) {
		let next = startIn(prefix, after);
		const repository = next === undefined ? undefined : await repositories.get(prefix.slice(0, -1));
		while (next !== undefined && names.length <= limit) {
			const wanted = {limit: limit + 1 - names.length, after: next || undefined};
			const page = await repository?.listImages(wanted, options);
			names.push(...(page?.items ?? []).map(image => prefix + image));
			next = page?.next;
		}
		if (names.length > limit) {
			return {items: names.slice(0, limit), next: names[limit - 1]};
		}
	}
	return {items: names};
}

/** Keys of the repositories of which the caller may see some image. */
export async function listReadable(repositories: Repositories, caller: Caller): Promise<readonly string[]> {
	return (await repositories.keys()).filter(key => caller.may('read', key));
}

/** After which image of the repository the page begins: the empty name for the first; undefined for none. */
function startIn(prefix: string, after: string | undefined): string | undefined {
	if (after === undefined || prefix > after) {
		return '';
	}
	return after.startsWith(prefix) ? after.slice(prefix.length) : undefined;
}

function byBytes(one: string, other: string): number {
	return one < other ? -1 : Number(one > other);
}
