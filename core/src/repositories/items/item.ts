import type {ItemVersion} from '../../metadata/item-records.ts';
import type {PropertyPlace} from '../../metadata/property-records.ts';
import type {Digest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {ItemSource} from './item-source.ts';

interface CommonItem {
	/** The repository that really has it. */
	readonly source: ItemSource;
	/** Within that. */
	readonly path: string;
	/** What its properties are of. */
	readonly place: PropertyPlace;
}

/** A manifest, or a blob that one names. */
export interface FileItem extends CommonItem {
	readonly kind: 'file';
	/** Whose file it is. */
	readonly version: ItemVersion;
	/** `marker`: a blob that a cache does not have yet. */
	readonly content: 'manifest' | 'config' | 'layer' | 'marker';
	readonly digest: Digest;
	/** Bytes. */
	readonly size: number;
}

/** The repository itself, the beginning of names of images, an image, a version of an image, or several of these at once. */
export interface FolderItem extends CommonItem {
	readonly kind: 'folder';
	readonly version?: ItemVersion;
	readonly image?: ImageName;
}

/** What a repository holds, seen as files and folders; a view of rows. */
export type Item = FileItem | FolderItem;
