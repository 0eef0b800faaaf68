import type {ItemContent, ItemVersion} from '../../metadata/item-records.ts';
import type {FileItem, FolderItem} from './item.ts';
import {fileNameOf, join, manifestFileOf} from './item-path.ts';
import type {ItemSource} from './item-source.ts';

/** What a blob is called that a cache does not have yet. */
const markerEnding = '.marker';

/** The folder of a version. */
export function versionFolder(source: ItemSource, version: ItemVersion): FolderItem {
	const {image, tag, digest} = version;
	// Folders of manifests are written in two ways, by where they are.
	const path = join(image, tag ?? (source.cached ? fileNameOf(digest) : digest));
	const place = tag === undefined ? {path, image, manifest: digest} : {path, image, tag};
	return {kind: 'folder', source, path, place, version};
}

type NamedFile = Pick<FileItem, 'content' | 'digest' | 'size'> & {readonly name: string};

/** The files in the folder of a version: the manifest, and each blob that it names and the image has, or a cache will get. */
export function filesOf(
	source: ItemSource,
	version: ItemVersion,
	contents: readonly ItemContent[],
): readonly FileItem[] {
	const folder = versionFolder(source, version);
	const {digest, size, mediaType} = version;
	const manifest: NamedFile = {content: 'manifest', digest, size, name: manifestFileOf(mediaType)};
	const blobs = contents.map(content => blobFile(content, source.cached));
	return [manifest, ...blobs.filter(blob => blob !== undefined)].map(({name, ...file}) => {
		const path = join(folder.path, name);
		return {kind: 'file', source, path, place: {...folder.place, path, manifest: digest}, version, ...file};
	});
}

function blobFile({digest, kind, size}: ItemContent, cached: boolean): NamedFile | undefined {
	const name = fileNameOf(digest);
	if (size !== undefined) {
		return {content: kind, digest, size, name};
	}
	return cached ? {content: 'marker', digest, size: 0, name: name + markerEnding} : undefined;
}
