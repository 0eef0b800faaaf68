import {createHash} from 'node:crypto';
import {
	type Abortable,
	type BlobChecksums,
	type FileItem,
	type FolderItem,
	type Item,
	ItemChecksums,
	type ItemTimes,
	type MetadataStore,
} from '@stowage/core';
import type {EndpointRequest} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import type {AskedItem} from './asked-item.ts';

type Times = Pick<ItemTimes, 'createdAt' | 'updatedAt'> & Partial<ItemTimes>;
type Url = EndpointRequest<unknown, unknown, unknown>['url'];

/** A path as it is in an address. */
export function addressOf(key: string, path: string): `/${string}` {
	return `/${[key, ...path.split('/')]
		.filter(step => step !== '')
		.map(step => encodeURIComponent(step).replaceAll('%3A', ':'))
		.join('/')}`;
}

export function storageUri({key, path}: Pick<AskedItem, 'key' | 'path'>, url: Url): string {
	return url(`/api/storage${addressOf(key, path)}`);
}

/** What a file is, in the words of Artifactory. */
export async function describeFile(
	{key, item}: {readonly key: string; readonly item: FileItem},
	{parts, url, signal}: {readonly parts: RestParts; readonly url: Url; readonly signal: AbortSignal},
): Promise<Record<string, unknown>> {
	const checksums = {...(await readLegacyChecksums([item], parts, {signal})).get(item), ...checksumOf(item)};
	return {
		repo: key,
		path: `/${item.path}`,
		...remoteUrlOf(item),
		...timesOf(item.version),
		downloadUri: url(addressOf(key, item.path)),
		mimeType: mimeTypeOf(item),
		size: String(item.size),
		checksums,
		originalChecksums: checksums,
		uri: storageUri({key, path: item.path}, url),
	};
}

export async function describeFolder(
	{key, path, item, tree}: AskedItem & {readonly item: FolderItem},
	{metadata, url}: {readonly metadata: MetadataStore; readonly url: Url},
): Promise<Record<string, unknown>> {
	const children = new Map<string, boolean>();
	for await (const child of tree.walk(path, {depth: 1})) {
		children.set(nameOf(child), child.kind === 'folder');
	}
	return {
		repo: key,
		path: `/${path}`,
		...remoteUrlOf(item),
		...timesOf(await findTimes(item, metadata)),
		children: [...children]
			.toSorted(([one], [other]) => (one < other ? -1 : 1))
			.map(([name, folder]) => ({uri: `/${name}`, folder})),
		uri: storageUri({key, path}, url),
	};
}

/** When it was made and changed, and by whom: of a folder of several images nobody knows that. */
export async function findTimes(item: Item, metadata: MetadataStore): Promise<Times> {
	const {source, version} = item;
	if (version !== undefined) {
		return version;
	}
	const image = item.kind === 'folder' ? item.image : undefined;
	const times = image && (await metadata.items.findTimes({repository: source.definition.id, image}));
	return times ?? source.definition;
}

/** The last step of its path. */
export function nameOf({path}: Pick<Item, 'path'>): string {
	return path.slice(path.lastIndexOf('/') + 1);
}

export function mimeTypeOf({content}: FileItem): string {
	return content === 'manifest' || content === 'config' ? 'application/json' : 'application/octet-stream';
}

/** By the algorithm of its digest. */
export function checksumOf({digest, content}: FileItem): Record<string, string> {
	const [algorithm = '', hex = ''] = digest.split(':');
	return content === 'marker' ? {} : {[algorithm]: hex};
}

/** SHA-1 and MD5 of files, as far as `ItemChecksums` reads blobs for them. */
export async function readLegacyChecksums(
	files: readonly FileItem[],
	{metadata, storages}: Pick<RestParts, 'metadata' | 'storages'>,
	{signal, blobs = new ItemChecksums({metadata, storages})}: Abortable & {readonly blobs?: ItemChecksums},
): Promise<ReadonlyMap<FileItem, BlobChecksums>> {
	const found = new Map(await blobs.read(files, {signal}));
	for (const file of files.filter(({content}) => content === 'manifest')) {
		const {digest, version, source} = file;
		const manifest = await metadata.repository(source.definition.id).findManifest(version.image, {digest});
		if (manifest !== undefined) {
			found.set(file, legacyChecksumsOf(manifest.manifest.bytes));
		}
	}
	return found;
}

export function legacyChecksumsOf(bytes: Uint8Array): BlobChecksums {
	const [sha1 = '', md5 = ''] = ['sha1', 'md5'].map(name => createHash(name).update(bytes).digest('hex'));
	return {sha1, md5};
}

function timesOf({createdAt, createdBy, updatedAt, updatedBy}: Times) {
	return {
		created: createdAt.toISOString(),
		...(createdBy !== undefined && {createdBy}),
		lastModified: updatedAt.toISOString(),
		...(updatedBy !== undefined && {modifiedBy: updatedBy}),
		lastUpdated: updatedAt.toISOString(),
	};
}

/** Of what a cache has. */
function remoteUrlOf({source: {cached, definition}, path}: Item): {readonly remoteUrl?: string} {
	const {url} = definition.options as {readonly url?: unknown};
	return cached && typeof url === 'string' ? {remoteUrl: `${url.replace(/\/+$/, '')}${addressOf('', path)}`} : {};
}
