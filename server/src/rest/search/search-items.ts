import {type Digest, type Item, ItemChecksums, ItemTree, RegistryError} from '@stowage/core';
import type {EndpointRequest} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {type Criteria, compares} from './criteria.ts';
import {EventLoopTurns} from './event-loop-turns.ts';
import {type FoundItem, complete, toFoundItem} from './found-item.ts';
import {createMatcher} from './matcher.ts';
import {type SearchScope, findScopes} from './search-scope.ts';

export interface SearchOptions extends Pick<EndpointRequest<unknown, unknown, unknown>, 'caller' | 'signal'> {
	/** What of the items is wanted that takes time. */
	readonly properties: boolean;
	readonly checksums: boolean;
}

const atATime = 200;

/** With their properties, which may be many. */
const atATimeWithProperties = 20;

/** With more of them than this, all are looked through. */
const mostImages = 200;

/** Everything that meets the criteria and that the caller may read. Without a word about types only files are meant. */
export async function* searchItems(
	parts: RestParts,
	criteria: Criteria,
	options: SearchOptions,
): AsyncGenerator<FoundItem, void> {
	const {signal} = options;
	const files: Criteria = {kind: 'test', field: 'type', operator: '$eq', value: 'file'};
	const typed = compares(criteria, field => field === 'type');
	const meant: Criteria = typed ? criteria : {kind: 'and', parts: [files, criteria]};
	const matches = createMatcher(meant);
	const asksChecksums = options.checksums || compares(criteria, field => /_(?:sha1|md5)$/.test(field));
	const wanted = {
		properties: options.properties || compares(criteria, field => field.startsWith('@')),
		// One for the whole search, which bounds what is read for it.
		checksums: asksChecksums ? new ItemChecksums(parts) : undefined,
	};
	const turns = new EventLoopTurns();
	const many = wanted.properties ? atATimeWithProperties : atATime;
	for await (const candidates of candidatesOf(parts, meant, {options, matches, many, turns})) {
		signal.throwIfAborted();
		for (const item of await complete(candidates, wanted, {parts, signal})) {
			await turns.next();
			if (matches(item)) {
				yield item;
			}
		}
	}
}

interface Search {
	readonly options: SearchOptions;
	readonly matches: (item: FoundItem) => boolean;
	/** How many items are looked at together. */
	readonly many: number;
	readonly turns: EventLoopTurns;
}

async function* candidatesOf(
	parts: RestParts,
	criteria: Criteria,
	{options, matches, many, turns}: Search,
): AsyncGenerator<readonly FoundItem[], void> {
	let part: FoundItem[] = [];
	const walkedOf = new Map<string, string[]>();
	for (const scope of findScopes(criteria)) {
		for (const key of await keysOf(parts, scope)) {
			const walked = walkedOf.get(key) ?? [];
			walkedOf.set(key, walked);
			for await (const item of walk(parts, {...scope, repository: key, walked}, options)) {
				await turns.next();
				const found = await toFoundItem(item, key, parts);
				if (matches(found)) {
					part.push(found);
				}
				if (part.length === many) {
					yield part;
					part = [];
				}
			}
		}
	}
	yield part;
}

/** Of all repositories those that have things themselves. */
async function keysOf({repositories}: RestParts, {repository}: SearchScope): Promise<readonly string[]> {
	if (repository !== undefined) {
		return [repository];
	}
	const keys: string[] = [];
	for (const key of await repositories.keys()) {
		const one = await openable(async () => repositories.get(key));
		if (one?.members === undefined && one?.fetches !== true && one !== undefined) {
			keys.push(key);
		}
	}
	return keys;
}

interface Walk extends SearchScope {
	/** What the paths begin with that were walked before; they are not walked again. */
	readonly walked: string[];
}

async function* walk(
	parts: RestParts,
	{repository = '', prefix, digest, walked}: Walk,
	{caller, signal}: SearchOptions,
): AsyncGenerator<Item, void> {
	const tree = await openable(async () => ItemTree.open(parts, repository, caller));
	if (tree === undefined) {
		return;
	}
	const places = digest === undefined ? [prefix] : await narrow(parts, tree, {prefix, digest});
	for (const place of places.filter(one => !walked.some(other => one.startsWith(other)))) {
		const inside = walked.filter(other => other.startsWith(place));
		for await (const item of tree.startingWith(place)) {
			signal.throwIfAborted();
			if (!inside.some(other => item.path.startsWith(other))) {
				yield item;
			}
		}
		walked.push(place);
	}
}

/** The images that have the digest, if they are few. */
async function narrow(
	{metadata}: RestParts,
	tree: ItemTree,
	{prefix, digest}: {readonly prefix: string; readonly digest: Digest},
): Promise<readonly string[]> {
	const places = new Set<string>();
	for (const {definition} of tree.sources) {
		const images = await metadata.items.findImagesOf(definition.id, digest, mostImages);
		if (images.length === mostImages) {
			return [prefix];
		}
		for (const place of images.map(image => `${image}/`)) {
			places.add(place.startsWith(prefix) ? place : prefix);
		}
	}
	return [...places].filter(place => ![...places].some(other => other !== place && place.startsWith(other)));
}

/** Undefined for a repository that is not there, or cannot be opened: the others are searched all the same. */
async function openable<Opened>(open: () => Promise<Opened>): Promise<Opened | undefined> {
	try {
		return await open();
	} catch (error) {
		if (error instanceof RegistryError) {
			return undefined;
		}
		throw error;
	}
}
