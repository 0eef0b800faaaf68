import type {Digest} from '../oci/digest.ts';
import type {Reference} from '../oci/reference.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {ImagePlace} from './promotion-records.ts';

/** When and by whom something was made, and last changed. */
export type ItemTimes = Pick<ItemVersion, 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy'>;

/** A folder of an image: what a tag names, or a manifest by its digest. */
export interface ItemVersion {
	readonly image: ImageName;
	/** Left out for a manifest by its digest. */
	readonly tag?: TagName;
	readonly digest: Digest;
	readonly mediaType: string;
	/** Bytes of the manifest. */
	readonly size: number;
	/** When and by whom the manifest was stored. */
	readonly createdAt: Date;
	readonly createdBy: string;
	/** When and by whom the tag was last set; the same as above without a tag. */
	readonly updatedAt: Date;
	readonly updatedBy: string;
}

/** A blob that a manifest names. */
export interface ItemContent {
	readonly digest: Digest;
	readonly kind: 'config' | 'layer';
	/** Bytes; left out when the image does not have it: in a cache that was not asked for it, or a foreign layer. */
	readonly size?: number;
}

export interface VersionsRequest {
	/** `tags`: what tags name, in byte order of their names. `digests`: manifests that have no tag or are in an index, in order. */
	readonly kind: 'tags' | 'digests';
	/** Tag or digest. */
	readonly after?: string;
	readonly limit: number;
}

/** What repositories hold, as folders and files are made of it. */
export interface ItemRecords {
	/** Undefined when there is no such tag, or no such manifest. */
	findVersion(place: ImagePlace, reference: Reference): Promise<ItemVersion | undefined>;
	/** Empty for an image that is not there. */
	listVersions(place: ImagePlace, request: VersionsRequest): Promise<readonly ItemVersion[]>;
	/** The blobs that each of these manifests of the image names, each once, in the order in which it names them. */
	listContents(place: ImagePlace, manifests: readonly Digest[]): Promise<ReadonlyMap<Digest, readonly ItemContent[]>>;
	/** Whether the image has a manifest. */
	hasImage(place: ImagePlace): Promise<boolean>;
	/** Images that have a manifest of this digest, or hold a blob of it; at most `limit`, in byte order. */
	findImagesOf(repository: number, digest: Digest, limit: number): Promise<readonly ImageName[]>;
	/** When and by whom the first and the last manifest that it has were stored. Undefined for an image that is not there. */
	findTimes(place: ImagePlace): Promise<ItemTimes | undefined>;
	/** Names of images that begin with `prefix`, in byte order; those after `after`. */
	listImages(
		repository: number,
		request: {readonly prefix: string; readonly after?: string; readonly limit: number},
	): Promise<readonly ImageName[]>;
	/** Labels of the configs of these manifests of the image, as they were kept; those that were not are left out. */
	findLabels(place: ImagePlace, manifests: readonly Digest[]): Promise<ReadonlyMap<Digest, Labels>>;
	/** Of these blobs that the image holds, as they were kept; those that were not are left out. */
	findChecksums(place: ImagePlace, digests: readonly Digest[]): Promise<ReadonlyMap<Digest, BlobChecksums>>;
	/** Keeps what never changes, wherever the blob is. Passes over one that is not there any more. */
	keepChecksums(digest: Digest, checksums: BlobChecksums): Promise<void>;
	/** Keeps what never changes. Passes over a manifest that is not there any more. */
	keepLabels(place: ImagePlace, manifest: Digest, labels: Labels): Promise<void>;
}

/** In hexadecimal digits. */
export interface BlobChecksums {
	readonly md5: string;
	readonly sha1: string;
}

/** Of the config of an image. */
export type Labels = Readonly<Record<string, string>>;
