import type {BlobRecord, CollectionRecords, ReleasedHolds} from './blob-records.ts';
import type {DatabaseOptions, SqliteOptions} from './database-options.ts';
import {CollectionThread} from './knex/collection-thread.ts';
import type {MetadataStore} from './metadata-store.ts';

export interface OpenedCollection {
	readonly records: CollectionRecords;
	/** To be called when no call is under way. */
	readonly close: () => Promise<void>;
}

export interface OpenCollectionOptions {
	/** How many calls are not worth a thread, whose start takes a tenth of a second of a processor, and 25 MiB; 20 unless told. */
	readonly threadAfter?: number;
}

/**
 * What a collection works with beside requests that the process serves: for SQLite, whose commits wait for the disk, a
 * thread of its own as soon as it proves long; otherwise the store itself. Made for one collection and closed after it.
 */
export function openCollection(
	options: Pick<DatabaseOptions, 'client'> & {readonly file?: string},
	store: Pick<MetadataStore, 'blobs'>,
	{threadAfter = 20}: OpenCollectionOptions = {},
): OpenedCollection {
	const {client, file} = options;
	// What is in memory is there for its own connection only.
	if (client !== 'sqlite' || file === undefined || file === ':memory:') {
		return {records: store.blobs, close: async () => undefined};
	}
	const records = new GrowingCollection({client, file}, store.blobs, threadAfter);
	return {records, close: () => records.close()};
}

class GrowingCollection implements CollectionRecords {
	readonly #options: SqliteOptions;
	readonly #here: CollectionRecords;
	readonly #threadAfter: number;
	#calls = 0;
	#thread: CollectionThread | undefined;

	constructor(options: SqliteOptions, here: CollectionRecords, threadAfter: number) {
		this.#options = options;
		this.#here = here;
		this.#threadAfter = threadAfter;
	}

	releaseUnreferenced(...parameters: Parameters<CollectionRecords['releaseUnreferenced']>): Promise<ReleasedHolds> {
		return this.#next().releaseUnreferenced(...parameters);
	}

	takeUnheld(...parameters: Parameters<CollectionRecords['takeUnheld']>): Promise<readonly BlobRecord[]> {
		return this.#next().takeUnheld(...parameters);
	}

	async close(): Promise<void> {
		await this.#thread?.close();
	}

	#next(): CollectionRecords {
		this.#calls += 1;
		return this.#calls <= this.#threadAfter ? this.#here : (this.#thread ??= new CollectionThread(this.#options));
	}
}
