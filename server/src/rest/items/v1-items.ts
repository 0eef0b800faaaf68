import {type V1FileItem, type V1Images, type V1Item, V1ItemTree} from '@stowage/core';
import type {EndpointAnswer, EndpointRequest} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {unknownItem} from './asked-item.ts';
import {addressOf, storageUri} from './describe-item.ts';
import type {ListQuery} from './list-items.ts';
import {readNames} from './property-text.ts';
import {streamJson} from './stream-json.ts';

interface AskedV1Item {
	readonly images: V1Images;
	readonly key: string;
	readonly path: string;
	readonly query: ListQuery & {
		readonly list?: boolean;
		readonly properties?: string;
		readonly lastModified?: boolean;
	};
}

type Request = Pick<EndpointRequest<unknown, unknown, unknown>, 'caller' | 'context' | 'url' | 'signal'>;

/** `GET /api/storage/<key>/<path>` of a repository of the first API, which is looked at and not changed here. */
export async function answerV1Item(
	{metadata}: Pick<RestParts, 'metadata'>,
	asked: AskedV1Item,
	request: Request,
): Promise<EndpointAnswer> {
	const {key, path, query, images} = asked;
	const {context, url, caller, signal} = request;
	const tree = new V1ItemTree(images, {caller, signal});
	const item = await tree.find(path);
	if (item === undefined) {
		throw unknownItem(key, path);
	}
	const made = (await metadata.definitions.find(key))?.createdAt ?? new Date();
	if (query.list === true) {
		if (item.kind === 'file') {
			throw restError(400, `Expected a folder but found a file, at: ${key}:${path}`);
		}
		const before = {uri: storageUri(asked, url), created: new Date().toISOString()};
		await streamJson(context, {before, list: 'files', items: listed(tree, item, {path, query, made})});
		return undefined;
	}
	if (query.properties !== undefined) {
		return {json: describeProperties(item, query.properties, storageUri(asked, url))};
	}
	if (query.lastModified === true) {
		return {json: await findLast(tree, item, {made, uri: last => storageUri({key, path: last}, url)})};
	}
	const common = {repo: key, path: `/${path}`, ...timesOf(item, made), uri: storageUri(asked, url)};
	if (item.kind === 'file') {
		const checksums = checksumsOf(item);
		const downloadUri = url(addressOf(key, path));
		const {mimeType, size} = item;
		return {json: {...common, downloadUri, mimeType, size: String(size), checksums, originalChecksums: checksums}};
	}
	return {json: {...common, children: await childrenOf(tree, path)}};
}

async function childrenOf(tree: V1ItemTree, path: string): Promise<readonly object[]> {
	const children: {readonly uri: string; readonly folder: boolean}[] = [];
	for await (const child of tree.walk(path)) {
		children.push({uri: `/${nameOf(child)}`, folder: child.kind === 'folder'});
	}
	return children;
}

interface Listing {
	readonly path: string;
	readonly query: ListQuery;
	readonly made: Date;
}

async function* listed(tree: V1ItemTree, root: V1Item, {path, query, made}: Listing): AsyncGenerator<object, void> {
	const {deep = false, depth = Infinity, listFolders = false, includeRootPath = false} = query;
	const shown = (item: V1Item) => ({
		uri: `/${item.path.slice(path === '' ? 0 : path.length + 1)}`,
		size: item.kind === 'file' ? item.size : -1,
		lastModified: timesOf(item, made).lastModified,
		folder: item.kind === 'folder',
		...(item.kind === 'file' && {sha2: checksumsOf(item)['sha256']}),
	});
	if (includeRootPath) {
		yield shown(root);
	}
	for await (const item of tree.walk(path, deep ? depth : 1)) {
		if (item.kind === 'file' || listFolders) {
			yield shown(item);
		}
	}
}

function describeProperties({properties}: V1Item, text: string, uri: string): object {
	const names = readNames(text);
	const wanted = [...properties].filter(([name]) => names.length === 0 || names.includes(name));
	if (wanted.length === 0) {
		throw restError(404, 'No properties could be found.');
	}
	return {properties: Object.fromEntries(wanted.map(([name, value]) => [name, [value]])), uri};
}

async function findLast(
	tree: V1ItemTree,
	item: V1Item,
	{made, uri}: {readonly made: Date; readonly uri: (path: string) => string},
): Promise<object> {
	let last = {path: item.path, at: item.changed?.at ?? made};
	for await (const {path, changed} of item.kind === 'file' ? [] : tree.walk(item.path, Infinity)) {
		if (changed !== undefined && changed.at > last.at) {
			last = {path, at: changed.at};
		}
	}
	return {uri: uri(last.path), lastModified: last.at.toISOString()};
}

function timesOf({changed}: V1Item, made: Date) {
	const at = (changed?.at ?? made).toISOString();
	return {
		created: at,
		lastModified: at,
		lastUpdated: at,
		...(changed !== undefined && {createdBy: changed.by, modifiedBy: changed.by}),
	};
}

function checksumsOf({digest}: V1FileItem): Record<string, string> {
	const [algorithm = '', hex = ''] = digest.split(':');
	return {[algorithm]: hex};
}

function nameOf({path}: V1Item): string {
	return path.slice(path.lastIndexOf('/') + 1);
}
