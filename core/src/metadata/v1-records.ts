import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {V1ImageId} from '../oci/v1-image-id.ts';
import type {Page, PageRequest} from '../types/page.ts';
import type {BlobRecord} from './blob-records.ts';

/** What a layer is as a blob: the bytes as they were pushed, a tar that may be compressed. */
export interface V1Layer {
	readonly digest: Digest;
	/** Bytes. */
	readonly size: number;
}

/** One image of Docker's first API, whole: what it is made of besides is its parent, and that one's parent. */
export interface V1ImageRecord {
	readonly id: V1ImageId;
	readonly parent?: V1ImageId;
	/** As pushed. */
	readonly json: Buffer;
	readonly layer: V1Layer;
	/** `sha256:` of the JSON, a line feed and the layer as pushed. */
	readonly checksum: string;
	readonly pushedBy: string;
	readonly pushedAt: Date;
}

export interface V1Tag {
	readonly tag: TagName;
	readonly id: V1ImageId;
	readonly taggedBy: string;
	readonly taggedAt: Date;
}

/** One image on its way: under which name, and by whom. Nobody else can get in between. */
export interface V1PushKey {
	readonly image: ImageName;
	readonly id: V1ImageId;
	/** Name of who pushes. */
	readonly by: string;
}

export interface V1Push extends V1PushKey {
	readonly parent?: V1ImageId;
	readonly json?: Buffer;
	readonly layer?: V1Layer;
	/** As {@link V1ImageRecord.checksum}, of what was received. */
	readonly checksum?: string;
}

/**
 * `conflict`: there is an image of this id that is another one. `parent-unknown`, `layer-unknown`: it went away since it
 * was pushed. `incomplete`: JSON or layer have not come.
 */
export type V1CompleteOutcome =
	'stored' | 'conflict' | 'incomplete' | 'parent-unknown' | 'layer-unknown' | 'too-many-ancestors';

export interface PutV1TagOptions {
	readonly by: string;
	/** Whether a tag that names another image may be moved. */
	readonly mayMoveTag: boolean;
}

/**
 * Images of Docker's first API in one repository. An image is known by its id alone; names have it, and with it all that
 * it is made of, once it was pushed or tagged under them. What no name has is collected.
 */
export interface V1Records {
	findImage(id: V1ImageId): Promise<V1ImageRecord | undefined>;
	/** The image itself first, the last one without a parent. Empty when it is not there. */
	listAncestry(id: V1ImageId): Promise<readonly V1ImageId[]>;
	/** Where the bytes of a layer of this repository are. */
	findLayer(digest: Digest): Promise<BlobRecord | undefined>;
	/** Names that have the image, in byte order. */
	listHolders(id: V1ImageId, page: PageRequest): Promise<Page<ImageName>>;
	/** Names that have a tag, in byte order. */
	listNames(page: PageRequest): Promise<Page<ImageName>>;
	/** In byte order. Undefined for a name without any. */
	listTags(image: ImageName, page: PageRequest): Promise<Page<V1Tag> | undefined>;
	findTag(image: ImageName, tag: TagName): Promise<V1Tag | undefined>;
	/** What the name has, in the order of ids. */
	listImages(image: ImageName, page: PageRequest): Promise<Page<Pick<V1ImageRecord, 'id' | 'checksum'>>>;

	/** Says which images will be pushed under a name, so that requests that name only an id are known to be of it. */
	announce(image: ImageName, ids: readonly V1ImageId[], by: string): Promise<void>;
	/** Under all names, the latest announced first. */
	findPushes(id: V1ImageId, by: string): Promise<readonly V1Push[]>;
	/** Forgets a layer that was received before. */
	putJson(push: V1PushKey, given: Required<Pick<V1Push, 'json'>> & Pick<V1Push, 'parent'>): Promise<void>;
	putLayer(push: V1PushKey, given: Required<Pick<V1Push, 'layer' | 'checksum'>>): Promise<void>;
	/** Makes an image of what was pushed, that the name has, in one transaction. */
	complete(push: V1PushKey): Promise<V1CompleteOutcome>;
	/** The name then has the image and all that it is made of. `unknown`: there is no such image. */
	putTag(
		image: ImageName,
		tag: TagName,
		id: V1ImageId,
		options: PutV1TagOptions,
	): Promise<'stored' | 'unknown' | 'tag-exists'>;
	deleteTag(image: ImageName, tag: TagName): Promise<boolean>;
	/** The name with its tags and pushes. */
	deleteName(image: ImageName): Promise<boolean>;
	/**
	 * Ends pushes that began before `before`, takes from names what none of their tags needs and was pushed or tagged
	 * before, and deletes images that no name has then. Resolves to how many it deleted.
	 */
	collect(before: Date): Promise<number>;
}
