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

/** How a blob came to be on another storage: its row is now there, was there already, or is on the old one no more. */
export type Relocation = 'moved' | 'merged' | 'gone';

/** What a storage has. */
export interface BlobTotals {
	readonly blobs: number;
	/** Of all of them. */
	readonly bytes: number;
}

export interface ReleasedHolds {
	/** Holds that were old enough. */
	readonly examined: number;
	/** Of these, how many were ended. */
	readonly released: number;
	/** Where the next page begins; left out after the last. */
	readonly position?: number;
}

/** What a collection would take of a part of all blobs. */
export interface CollectableBlobs {
	/** Where the next part begins. */
	readonly position: number;
	readonly storages: readonly (BlobTotals & {readonly storage: string})[];
}

/** What a collection does to rows. */
export interface CollectionRecords {
	/**
	 * Looks at the next `limit` holds after the one of `position`, in any image: ends those that were last renewed before
	 * `before` and that no manifest of the image needs. What is not held any more then can be taken at once. What somebody
	 * is at is passed over.
	 */
	releaseUnreferenced(before: Date, limit: number, position?: number): Promise<ReleasedHolds>;
	/** Takes up to `limit` blobs that no image holds and that were last held before `before`, and deletes their rows. */
	takeUnheld(storage: string, before: Date, limit: number): Promise<readonly BlobRecord[]>;
}

/** Made for one collection and closed after it. */
export interface OpenedCollection {
	readonly records: CollectionRecords;
	/** To be called when no call is under way. */
	close(): Promise<void>;
}

export interface BlobRecords extends CollectionRecords {
	find(storage: string, digest: Digest): Promise<BlobRecord | undefined>;
	/** False when the digest is already there; then nothing is changed and the row stays until the transaction ends. */
	insert(blob: BlobRecord): Promise<boolean>;
	/** Up to `limit` blobs of a storage in the order of their digests, those after `after`. */
	list(storage: string, page: {readonly after?: Digest; readonly limit: number}): Promise<readonly BlobRecord[]>;
	totals(storage: string): Promise<BlobTotals>;
	/**
	 * Says that the bytes of `blob` are under `key` of another storage now, for all images that hold it and all at once.
	 * `merged`: that storage has the same digest under a key of its own, which the images hold now; nothing names `key`.
	 * Without a `key` nothing but that is done. `gone`: the row of `blob`, or the one to merge with, is not there (any
	 * more); nothing is changed.
	 */
	relocate(blob: BlobRecord, to: {readonly storage: string; readonly key?: string}): Promise<Relocation>;
	/** Says that the bytes of `blob` are under another key of its storage now. False when its row is not there (any more). */
	rekey(blob: BlobRecord, key: string): Promise<boolean>;
	/** Which of `keys` are those of a blob: what a sweep of the storage must leave alone. */
	findKeys(storage: string, keys: readonly string[]): Promise<ReadonlySet<string>>;
	/**
	 * Counts, among the next `limit` blobs after the one of `position`, what `releaseUnreferenced` and `takeUnheld` would
	 * leave no row of. Undefined after the last.
	 */
	surveyCollectable(
		before: Date,
		page: {readonly position: number; readonly limit: number},
	): Promise<CollectableBlobs | undefined>;
}
