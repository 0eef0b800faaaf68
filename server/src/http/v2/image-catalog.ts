import {
	type Caller,
	type Page,
	type PageRequest,
	type ReadOptions,
	RegistryError,
	type Repositories,
} from '@stowage/core';

/**
 * The images of all repositories that the caller may read, as `<key>/<image>`, in the byte order of these names. That is
 * not the order of keys: `a-b/x` comes before `a/x`. A repository that cannot be opened is left out, with a warning.
 */
export async function listAllImages(
	keys: readonly string[],
	repositories: Repositories,
	{limit, after}: PageRequest,
	options: ReadOptions,
): Promise<Page<string>> {
	const names: string[] = [];
	const warnings = new Set<string>();
	for (const prefix of keys.map(key => `${key}/`).toSorted(byBytes)) {
		const start = startIn(prefix, after);
		if (start === undefined) {
			continue;
		}
		const wanted = {limit: limit + 1 - names.length, after: start || undefined};
		const {items, warning} = await listImages(prefix.slice(0, -1), repositories, wanted, options);
		names.push(...items.map(image => prefix + image));
		if (warning !== undefined) {
			warnings.add(warning);
		}
		if (names.length > limit) {
			break;
		}
	}
	const more = names.length > limit && {next: names[limit - 1]};
	return {items: names.slice(0, limit), ...more, ...(warnings.size > 0 && {warning: [...warnings].join('; ')})};
}

/** As many images of one repository as are wanted, where it has them; what could be listed, with why that is not all. */
async function listImages(
	key: string,
	repositories: Repositories,
	{limit, after}: PageRequest,
	options: ReadOptions,
): Promise<Pick<Page<string>, 'items' | 'warning'>> {
	const items: string[] = [];
	let next = after;
	try {
		const repository = await repositories.get(key);
		do {
			const page = await repository?.listImages({limit: limit - items.length, after: next}, options);
			items.push(...(page?.items ?? []));
			next = page?.next;
		} while (next !== undefined && items.length < limit);
		return {items};
	} catch (error) {
		// One that an operator has to put right, or that is made of such a one, must not keep all others from being listed.
		if (error instanceof RegistryError && error.code === 'UNAVAILABLE') {
			return {items, warning: error.message};
		}
		throw error;
	}
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
