import {type FileItem, type Item, type ItemChecksums, ItemProperties, type Properties} from '@stowage/core';
import {checksumOf, findTimes, nameOf, readLegacyChecksums} from '../items/describe-item.ts';
import type {RestParts} from '../rest-parts.ts';

/** An item as a search sees it. */
export interface FoundItem {
	readonly item: Item;
	/** Key of the repository that was searched. */
	readonly repository: string;
	readonly fields: Readonly<Record<string, string | number | undefined>>;
	/** Undefined as long as nobody has asked for them. */
	readonly properties?: Properties;
	/** Whether it has the checksums too that take time. */
	readonly complete: boolean;
}

/** With what is known without asking for more. */
export async function toFoundItem(item: Item, repository: string, {metadata}: RestParts): Promise<FoundItem> {
	const folder = item.path.slice(0, -nameOf(item).length - 1);
	const common = {
		repo: repository,
		path: folder === '' ? '.' : folder,
		name: nameOf(item),
		depth: item.path.split('/').length,
	};
	const fields =
		item.kind === 'file' ? {...common, ...fileFields(item)} : {...common, ...(await folderFields(item, metadata))};
	return {item, repository, fields, complete: false};
}

/** With properties and checksums, as far as they are wanted. */
export async function complete(
	items: readonly FoundItem[],
	wanted: {readonly properties: boolean; readonly checksums?: ItemChecksums | undefined},
	{parts, signal}: {readonly parts: RestParts; readonly signal: AbortSignal},
): Promise<readonly FoundItem[]> {
	const all = items.map(({item}) => item);
	const properties = wanted.properties ? await new ItemProperties(parts).read(all, {signal}) : undefined;
	const files = wanted.checksums === undefined ? [] : all.filter((item): item is FileItem => item.kind === 'file');
	const checksums = await readLegacyChecksums(files, parts, {signal, blobs: wanted.checksums});
	const found: FoundItem[] = [];
	for (const one of items) {
		const {item, fields} = one;
		const {sha1, md5} = (item.kind === 'file' ? checksums.get(item) : undefined) ?? {};
		const known = {actual_sha1: sha1, actual_md5: md5, original_sha1: sha1, original_md5: md5};
		found.push({...one, fields: {...fields, ...known}, properties: properties?.get(item), complete: true});
	}
	return found;
}

function fileFields(item: FileItem) {
	const {createdAt, createdBy, updatedAt, updatedBy} = item.version;
	return {
		type: 'file',
		size: item.size,
		created: createdAt.toISOString(),
		created_by: createdBy,
		modified: updatedAt.toISOString(),
		modified_by: updatedBy,
		updated: updatedAt.toISOString(),
		sha256: checksumOf(item)['sha256'],
	};
}

async function folderFields(item: Item, metadata: RestParts['metadata']) {
	const {createdAt, createdBy = '', updatedAt, updatedBy = ''} = await findTimes(item, metadata);
	return {
		type: 'folder',
		size: 0,
		created: createdAt.toISOString(),
		created_by: createdBy,
		modified: updatedAt.toISOString(),
		modified_by: updatedBy,
		updated: updatedAt.toISOString(),
	};
}
