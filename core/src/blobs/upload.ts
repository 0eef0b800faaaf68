import type {Readable} from 'node:stream';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest} from '../oci/digest.ts';
import type {Abortable} from '../types/abortable.ts';

export interface AppendOptions extends Abortable {
	/** Whether nobody else looks at the pieces of the body: then their memory may be freed as soon as they are stored. */
	readonly givenAway?: boolean;
	/**
	 * How many bytes the body is said to have. One that ends with fewer, or has more, is not taken: `append` rejects with
	 * `SIZE_INVALID` and `offset` stays. One that breaks off is kept as far as it came, as without this.
	 */
	readonly size?: number;
	/**
	 * Digest of a whole blob that comes in one piece, from a giver who ends the body only when he has found it right: then the
	 * bytes are not hashed a second time.
	 */
	readonly checked?: Digest;
}

/** One resumable push. Only one append at a time is let through; a second one rejects with `UNAVAILABLE`, and may be tried again. */
export interface Upload {
	readonly id: string;
	/** Bytes safely stored. */
	readonly offset: number;
	/** Resolves once the bytes are safe. After a rejection `offset` says what is, and the client may go on from there. */
	append(body: Readable, options?: AppendOptions): Promise<void>;
	/** Verifies, publishes and lets the image hold the blob. Rejects with `DIGEST_INVALID` when the bytes are others. */
	commit(digest: Digest, options?: Abortable): Promise<Descriptor>;
	cancel(): Promise<void>;
}
