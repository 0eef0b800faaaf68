import {
	type ImageName,
	type Page,
	type Repositories,
	type Repository,
	RegistryError,
	type RouteContext,
	warningValue,
} from '@stowage/core';
import {answerJson} from './answers.ts';

const usualResults = 25;
const mostResults = 100;
const namesAtATime = 1000;
/** What more names than these match is not counted on. */
const mostMatches = 10_000;

interface Searched {
	readonly key: string;
	/** What clients put before names of this repository. */
	readonly prefix: string;
}

/**
 * `GET /search?q=&n=&page=`: images, of the first API and of the second, whose name has `q` in it, as far as the caller may
 * read them. At a host or port of a repository, or below one's path, those of that one.
 */
export async function search(context: RouteContext, repositories: Repositories): Promise<void> {
	const {caller} = context;
	const query = textOf(context.query['q']).toLowerCase();
	const size = numberOf(context.query['n'], {usual: usualResults, most: mostResults});
	const page = numberOf(context.query['page'], {usual: 1, most: mostMatches});
	const searched = (await placesOf(context, repositories)).filter(({key}) => caller.may('read', key));
	if (searched.length === 0 && caller.anonymous) {
		// As for lists of V2: somebody who signs in may see more.
		throw new RegistryError('UNAUTHORIZED', 'authentication is required');
	}
	const sorted = (await findAll(context, repositories, {searched, query})).toSorted();
	answerJson(context, 200, {
		num_results: sorted.length,
		num_pages: Math.ceil(sorted.length / size),
		page,
		page_size: size,
		query,
		results: sorted.slice((page - 1) * size, page * size).map(describe),
	});
}

/** Where all repositories are searched, those that cannot be opened are left out, with a warning. */
async function findAll(
	context: RouteContext,
	repositories: Repositories,
	{searched, query}: {readonly searched: readonly Searched[]; readonly query: string},
): Promise<readonly string[]> {
	const names = new Set<string>();
	const leftOut: string[] = [];
	for (const place of searched) {
		try {
			for (const name of await findNames(context, repositories, {place, query, most: mostMatches - names.size})) {
				names.add(name);
			}
		} catch (error) {
			if (place.prefix === '' || !(error instanceof RegistryError && error.code === 'UNAVAILABLE')) {
				throw error;
			}
			leftOut.push(place.key);
		}
	}
	if (leftOut.length > 0) {
		context.set('Warning', warningValue(`not searched, since they cannot be opened: ${leftOut.join(', ')}`));
	}
	return [...names];
}

function describe(name: string): object {
	return {name, description: '', is_official: false, is_trusted: false, is_automated: false, star_count: 0};
}

async function placesOf({address}: RouteContext, repositories: Repositories): Promise<readonly Searched[]> {
	const {bound} = address.site;
	if (address.repository !== undefined && address.prefix !== '/v1') {
		return [{key: address.repository, prefix: ''}];
	}
	return bound === undefined
		? (await repositories.keys()).map(key => ({key, prefix: `${key}/`}))
		: [...new Set(Object.values(bound))].map(key => ({key, prefix: ''}));
}

interface Wanted {
	readonly place: Searched;
	readonly query: string;
	readonly most: number;
}

async function findNames(
	context: RouteContext,
	repositories: Repositories,
	{place, query, most}: Wanted,
): Promise<readonly string[]> {
	const repository = await repositories.get(place.key);
	const found: string[] = [];
	for (const list of repository === undefined ? [] : listsOf(context, repository)) {
		let after: string | undefined;
		do {
			const page: Page<ImageName> = await list(after);
			found.push(...page.items.map(image => place.prefix + image).filter(name => name.includes(query)));
			after = page.next;
		} while (after !== undefined && found.length < most);
	}
	return found.slice(0, most);
}

type List = (after: string | undefined) => Promise<Page<ImageName>>;

/** Not what upstreams could fetch as well: one that is down would keep all others from being found. */
function listsOf({caller, signal}: RouteContext, repository: Repository): readonly List[] {
	const {v1} = repository;
	const lists: List[] = [
		after => repository.listImages({limit: namesAtATime, after}, {caller, signal, storedOnly: true}),
	];
	if (v1 !== undefined) {
		lists.push(after => v1.listNames({limit: namesAtATime, after}, {caller, signal}));
	}
	return lists;
}

function textOf(value: string | string[] | undefined): string {
	return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** The usual one for what is no number, as clients send an empty text. */
function numberOf(value: string | string[] | undefined, {usual, most}: {usual: number; most: number}): number {
	const text = textOf(value);
	return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Math.min(Number(text), most) : usual;
}
