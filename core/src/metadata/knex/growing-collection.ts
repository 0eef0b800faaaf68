import type {BlobRecord, CollectionRecords, OpenedCollection, ReleasedHolds} from '../blob-records.ts';
import type {SqliteOptions} from '../database-options.ts';
import {CollectionThread} from './collection-thread.ts';

export interface GrowingCollectionParts {
	readonly options: SqliteOptions;
	/** What the first calls go to. */
	readonly here: CollectionRecords;
	/** Told whether the thread checkpoints what all write. */
	readonly leaveCheckpoints: (left: boolean) => Promise<void>;
	/** How many calls are not worth a thread, whose start takes a tenth of a second of a processor, and 25 MiB; 20 unless told. */
	readonly threadAfter?: number;
}

/**
 * Collects in a SQLite file, from a thread as soon as it proves long. Until it is closed the thread moves what was written
 * from the journal to the database as well, which would else keep whoever commits waiting: for up to a second, after much was
 * written.
 */
export class GrowingCollection implements OpenedCollection, CollectionRecords {
	readonly records: CollectionRecords = this;
	readonly #parts: GrowingCollectionParts;
	#calls = 0;
	#thread: CollectionThread | undefined;

	constructor(parts: GrowingCollectionParts) {
		this.#parts = parts;
	}

	async releaseUnreferenced(
		...parameters: Parameters<CollectionRecords['releaseUnreferenced']>
	): Promise<ReleasedHolds> {
		return (await this.#next()).releaseUnreferenced(...parameters);
	}

	async takeUnheld(...parameters: Parameters<CollectionRecords['takeUnheld']>): Promise<readonly BlobRecord[]> {
		return (await this.#next()).takeUnheld(...parameters);
	}

	async close(): Promise<void> {
		if (this.#thread !== undefined) {
			await this.#thread.close();
			await this.#parts.leaveCheckpoints(false);
		}
	}

	async #next(): Promise<CollectionRecords> {
		const {options, here, leaveCheckpoints, threadAfter = 20} = this.#parts;
		this.#calls += 1;
		if (this.#calls <= threadAfter) {
			return here;
		}
		if (this.#thread === undefined) {
			this.#thread = new CollectionThread(options);
			await leaveCheckpoints(true);
		}
		return this.#thread;
	}
}
