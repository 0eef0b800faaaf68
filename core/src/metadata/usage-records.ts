import type {Abortable} from '../types/abortable.ts';

/** What is in a repository. */
export interface RepositoryUsage {
	readonly images: number;
	readonly tags: number;
	readonly manifests: number;
	readonly manifestBytes: number;
	/** Blobs that its images hold, each counted once. */
	readonly blobs: number;
	readonly blobBytes: number;
	/** What the blobs would take if every image had its own. */
	readonly unsharedBytes: number;
}

/** What is on a storage, each blob once, whoever holds it. */
export interface StorageUsage {
	readonly storage: string;
	readonly blobs: number;
	readonly bytes: number;
	/** Of them those that nobody holds: collection takes them once they have been so for long enough. */
	readonly unheldBlobs: number;
	readonly unheldBytes: number;
}

/** Sums over everything. They read in parts, so that others come in between, and so may miss what changes meanwhile. */
export interface UsageRecords {
	/** Of the repository of this `id`. */
	ofRepository(id: number, options?: Abortable): Promise<RepositoryUsage>;
	storages(options?: Abortable): Promise<readonly StorageUsage[]>;
}
