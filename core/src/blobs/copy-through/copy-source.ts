import type {Readable} from 'node:stream';

/** Where the bytes of a blob come from that this storage does not have. */
export interface CopySource {
	/** Whether nobody else looks at the pieces of its bodies, so that their memory may be freed. */
	readonly givenAway?: boolean;
	/**
	 * Opens the bytes from `offset` on, to the end or up to `end`, which is the first byte not wanted. Undefined when it can
	 * only be read from its beginning. Rejects with what the reader is to be told.
	 */
	open(signal: AbortSignal, offset: number, end?: number): Promise<Readable | undefined>;
	/**
	 * Whether the source gives the blob to the image that wants it. Asked before that image joins a transfer which another
	 * one began: that a digest is known proves nothing.
	 */
	check(signal: AbortSignal): Promise<boolean>;
}
