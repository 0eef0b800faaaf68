import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {UploadState} from '../storage/driver.ts';

export interface UploadRecord {
	/** A random UUID; what a client sees as the session. */
	readonly id: string;
	/** `id` of the repository's definition. */
	readonly repository: number;
	readonly image: ImageName;
	/** Name of the storage. */
	readonly storage: string;
	readonly state: UploadState;
	/** Digest of the bytes up to `state.offset`, so that a commit in another process need not read them again. */
	readonly digestSoFar?: Digest;
	/**
	 * Until when whoever saved the last version is alone with the bytes: he appends or commits, and renews this while he
	 * does. Stored to the millisecond by the node's clock; `undefined` in a save ends it.
	 */
	readonly claimedUntil?: Date;
	/** Grows by one with every save; a save made from an older version is refused. */
	readonly version: number;
	readonly startedBy: string;
	readonly startedAt: Date;
	readonly updatedAt: Date;
}

export interface SaveUploadOptions {
	/**
	 * False for what a machine that loses power may forget: what came of the upload since it was claimed. The row is then as
	 * it was claimed, so that its digest is not believed and its bytes are cut where they were.
	 */
	readonly durable?: boolean;
}

export interface UploadRecords {
	insert(upload: UploadRecord): Promise<void>;
	find(id: string): Promise<UploadRecord | undefined>;
	/**
	 * Throws `ConflictError` unless `upload.version` is the stored one. Sets `updatedAt`; resolves to the record with the
	 * next version.
	 */
	save(upload: UploadRecord, options?: SaveUploadOptions): Promise<UploadRecord>;
	/** Resolves too when it is not there. */
	delete(id: string): Promise<void>;
	findIdle(before: Date, limit: number): Promise<readonly UploadRecord[]>;
	/** How many uploads somebody has open. */
	countStartedBy(name: string): Promise<number>;
	/** Which of `keys` belong to an open upload: what a sweep of the storage must leave alone. */
	findKeys(storage: string, keys: readonly string[]): Promise<ReadonlySet<string>>;
}
