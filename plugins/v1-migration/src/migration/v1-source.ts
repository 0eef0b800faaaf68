import type {Abortable, V1ImageId} from '@stowage/core';
import type {Readable} from 'node:stream';

/** One V1 image: a layer, and what runs on top of it and of all layers below. */
export interface V1StoredImage {
	/** As it was pushed. */
	readonly json: Buffer;
	/** Itself first, the lowest last, where the source keeps such a list. */
	readonly ancestry?: readonly V1ImageId[];
}

export interface V1SourceLayer {
	/** The same for the same bytes, in this source and at any time: under it is remembered what they turned out to be. */
	readonly key: string;
	/** Bytes, as they are stored. */
	readonly size: number;
	/** The body ends with a `ConversionError` when its bytes are not those that were pushed, where the source can tell. */
	open(options?: Abortable): Promise<Readable>;
}

/**
 * Where V1 images are read from; nothing is ever changed there. Each call rejects with `ConversionError` when what is
 * there cannot be what it should be.
 */
export interface V1Source {
	/** For messages. */
	readonly name: string;
	/** Names as the source has them, in byte order. */
	listImages(options?: Abortable): AsyncIterable<string>;
	/** As the source has them, in byte order. */
	listTags(image: string, options?: Abortable): AsyncIterable<string>;
	/** Undefined when there is no such tag. */
	findTag(image: string, tag: string, options?: Abortable): Promise<V1ImageId | undefined>;
	findImage(id: V1ImageId, options?: Abortable): Promise<V1StoredImage | undefined>;
	findLayer(id: V1ImageId, options?: Abortable): Promise<V1SourceLayer | undefined>;
}
