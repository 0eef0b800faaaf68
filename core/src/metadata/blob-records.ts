import type {Digest} from '../oci/digest.ts';

/** A blob that is stored and verified. `key` is where; only the blob store looks at it. */
export interface BlobRecord {
	readonly digest: Digest;
	/** Bytes. */
	readonly size: number;
	/** Name of the storage. */
	readonly storage: string;
	readonly key: string;
}

export interface BlobRecords {
	find(storage: string, digest: Digest): Promise<BlobRecord | undefined>;
	/** False when the digest is already there; then nothing is changed and the row stays until the transaction ends. */
	insert(blob: BlobRecord): Promise<boolean>;
	/** Which of `keys` are those of a blob: what a sweep of the storage must leave alone. */
	findKeys(storage: string, keys: readonly string[]): Promise<ReadonlySet<string>>;
	/**
	 * Ends holds, in any image, that were last renewed before `before` and that no manifest of the image needs.
	 * Works through at most `limit` rows a call; resolves to how many holds it ended.
	 */
	releaseUnreferenced(before: Date, limit: number): Promise<number>;
	/** Takes up to `limit` blobs that no image holds and that were last held before `before`, and deletes their rows. */
	takeUnheld(storage: string, before: Date, limit: number): Promise<readonly BlobRecord[]>;
}
