import {type BlobChecksums, type Item, ItemChecksums, type ItemTree, type MetadataStore} from '@stowage/core';
import type {EndpointRequest} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import type {AskedItem} from './asked-item.ts';
import {findTimes, storageUri} from './describe-item.ts';
import {streamJson} from './stream-json.ts';

export interface ListQuery {
	readonly deep?: boolean;
	readonly depth?: number;
	readonly listFolders?: boolean;
	readonly mdTimestamps?: boolean;
	readonly includeRootPath?: boolean;
}

/** Items whose properties are asked for at a time. */
const atATime = 200;

/** `?list`: files below a folder, and folders if they are asked for. */
export async function listItems(
	asked: AskedItem,
	query: ListQuery,
	{
		parts,
		context,
		url,
	}: {readonly parts: RestParts} & Pick<EndpointRequest<unknown, unknown, unknown>, 'context' | 'url'>,
): Promise<void> {
	if (asked.item.kind !== 'folder') {
		throw restError(400, `Expected a folder but found a file, at: ${asked.key}:${asked.path}`);
	}
	const before = {uri: storageUri(asked, url), created: new Date().toISOString()};
	await streamJson(context, {before, list: 'files', items: filesOf(asked, query, parts)});
}

async function* filesOf(asked: AskedItem, query: ListQuery, parts: RestParts): AsyncGenerator<unknown, void> {
	if (query.includeRootPath === true) {
		yield* describe([asked.item], asked, {query, parts});
	}
	let part: Item[] = [];
	for await (const item of wanted(asked.tree, asked.path, query)) {
		part.push(item);
		if (part.length === atATime) {
			yield* describe(part, asked, {query, parts});
			part = [];
		}
	}
	yield* describe(part, asked, {query, parts});
}

async function* wanted(tree: ItemTree, path: string, query: ListQuery): AsyncGenerator<Item, void> {
	const {deep = false, depth, listFolders = false} = query;
	for await (const item of tree.walk(path, {depth: deep ? depth : 1})) {
		if (item.kind === 'file' || listFolders) {
			yield item;
		}
	}
}

async function* describe(
	items: readonly Item[],
	{path}: AskedItem,
	{query, parts}: {readonly query: ListQuery; readonly parts: RestParts},
): AsyncGenerator<unknown, void> {
	const {metadata} = parts;
	const known = await new ItemChecksums(parts).findKnown(items.filter(item => item.kind === 'file'));
	const times = query.mdTimestamps === true ? await readTimes(items, metadata) : new Map<Item, Date>();
	for (const item of items) {
		const {updatedAt} = await findTimes(item, metadata);
		const changed = times.get(item)?.toISOString();
		const common = {uri: `/${item.path.slice(path.length).replace(/^\//, '')}`, lastModified: updatedAt.toISOString()};
		const timestamps = changed === undefined ? {} : {mdTimestamps: {properties: changed}};
		yield item.kind === 'folder'
			? {...common, size: -1, folder: true, ...timestamps}
			: {...common, size: item.size, folder: false, ...sha1Of(known.get(item)), ...sha2Of(item.digest), ...timestamps};
	}
}

function sha1Of(checksums: BlobChecksums | undefined): {readonly sha1?: string} {
	return checksums === undefined ? {} : {sha1: checksums.sha1};
}

function sha2Of(digest: string): {readonly sha2?: string} {
	return digest.startsWith('sha256:') ? {sha2: digest.slice('sha256:'.length)} : {};
}

async function readTimes(items: readonly Item[], metadata: MetadataStore): Promise<ReadonlyMap<Item, Date>> {
	const found = new Map<Item, Date>();
	for (const [repository, ofRepository] of Map.groupBy(items, ({source}) => source.definition.id)) {
		const paths = ofRepository.map(({path}) => path);
		const times = await metadata.properties.readTimes(repository, paths);
		for (const item of ofRepository) {
			const time = times.get(item.path);
			if (time !== undefined) {
				found.set(item, time);
			}
		}
	}
	return found;
}
