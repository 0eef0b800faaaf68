import type {Readable} from 'node:stream';
import type {Caller} from '../../access/caller.ts';
import type {BlobContent} from '../../blobs/blob-store.ts';
import type {V1ImageRecord, V1Layer, V1Push, V1Tag} from '../../metadata/v1-records.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {V1ImageId} from '../../oci/v1-image-id.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {ByteRange} from '../../types/byte-range.ts';
import type {Page, PageRequest} from '../../types/page.ts';

export interface V1Options extends Abortable {
	readonly caller: Caller;
}

export interface OpenV1LayerOptions extends Abortable {
	readonly range?: ByteRange;
	/** Whether the reader can follow a redirect. */
	readonly redirect?: boolean;
}

/** What was received of an image that is not complete yet. */
export type ReceivedV1Image = Required<Pick<V1Push, 'json' | 'layer' | 'checksum'>>;

/**
 * What a repository has of Docker's first API. Calls that name an image's name are for who may use that name, which the
 * server has asked already; those that name only an id ask for every name that has it.
 */
export interface V1Images {
	/** Names with a tag, in byte order; leaves out what the caller may not read. */
	listNames(page: PageRequest, options: V1Options): Promise<Page<ImageName>>;
	/** In byte order. Undefined for a name without any. */
	listTags(image: ImageName, page: PageRequest): Promise<Page<V1Tag> | undefined>;
	findTag(image: ImageName, tag: TagName): Promise<V1Tag | undefined>;
	/** All that the name has, tagged itself or not, in the order of ids. */
	listImages(image: ImageName, page: PageRequest): Promise<Page<Pick<V1ImageRecord, 'id' | 'checksum'>>>;
	/** Undefined too when the caller may read no name that has it. */
	findImage(id: V1ImageId, options: V1Options): Promise<V1ImageRecord | undefined>;
	/** The image itself first, the last one without a parent. Undefined as {@link findImage}. */
	listAncestry(id: V1ImageId, options: V1Options): Promise<readonly V1ImageId[] | undefined>;
	/** Of an image of this repository that the caller was given. */
	openLayer(layer: V1Layer, options?: OpenV1LayerOptions): Promise<BlobContent>;
	readonly writer: V1Writer;
}

/**
 * The order of a push: names and ids are announced; then for each image, the base first, its JSON, its layer, and what
 * both must add up to; then tags. An image is there once it is complete. All of it survives a restart, at any point.
 * Rejections are `RegistryError`s in the words that clients of that API know.
 */
export interface V1Writer {
	announce(image: ImageName, ids: readonly V1ImageId[], options: V1Options): Promise<void>;
	/** Rejects with 409 when the image is there, with 400 when it was not announced or its parent is not there. */
	putJson(id: V1ImageId, given: Pick<V1ImageRecord, 'json' | 'parent'>, options: V1Options): Promise<void>;
	/** Resolves once the bytes are safe. Rejects with 404 without JSON, with 409 when the image is there. */
	putLayer(id: V1ImageId, body: Readable, options: V1Options): Promise<void>;
	/** Rejects with 404 when JSON or layer have not come, with 409 when nobody pushes that image. */
	getReceived(id: V1ImageId, options: V1Options): Promise<ReceivedV1Image>;
	/** Makes the image, once `received` was found to be what was sent. */
	complete(id: V1ImageId, received: ReceivedV1Image, options: V1Options): Promise<void>;
	/** Rejects with 404 for an image that the caller may neither read nor has pushed there, with `DENIED` for a tag not to be moved. */
	putTag(image: ImageName, tag: TagName, id: V1ImageId, options: V1Options): Promise<void>;
	/** Rejects with `DENIED` for an immutable one, unless an administrator asks. */
	deleteTag(image: ImageName, tag: TagName, options: V1Options): Promise<boolean>;
	/** With all its tags, if none is immutable. */
	deleteName(image: ImageName, options: V1Options): Promise<boolean>;
}
