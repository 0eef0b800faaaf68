import {setTimeout as sleep} from 'node:timers/promises';
import pLimit from 'p-limit';
import type {BlobRecord, CollectionRecords} from '../metadata/blob-records.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';
import {collectionTime} from './collection-time.ts';
import {Pace} from './pace.ts';

export interface CollectUnheldBlobsParts {
	readonly metadata: {readonly blobs: CollectionRecords};
	readonly storages: ReadonlyMap<string, Storage>;
	readonly logger: Logger;
	/** What was held or pushed less than this ago is left alone: an answer that a blob exists is a promise for so long. */
	readonly gracePeriodMs: number;
	/** How many rows a transaction works through; 100 unless told, since nobody else writes to SQLite meanwhile. */
	readonly batch?: number;
	/** How many blobs are deleted in a second at most. No limit unless told. */
	readonly blobsPerSecond?: number;
	/** Holds up to this position were looked at by a run that was interrupted. */
	readonly position?: number;
	/** Called after every transaction, with the position that the holds were looked at up to, and waited for. */
	readonly onProgress?: (collected: CollectedBlobs, position: number) => void | Promise<void>;
}

export interface CollectedBlobs {
	/** Holds of images that were looked at, since nobody has renewed them for long. */
	readonly examined: number;
	/** Of these, holds on blobs that no manifest of the image needs. */
	readonly holds: number;
	readonly blobs: number;
	readonly bytes: number;
	/** Objects that could not be deleted: the sweep of unknown objects finds them. */
	readonly left: number;
}

/**
 * Deletes blobs that no image needs, while pushing goes on: first holds that no manifest needs, then the rows of blobs
 * that nobody holds, then their objects. An object that could not be deleted has no row, so the sweep of unknown objects
 * finds it. Whenever this ends, what was done stays done, and another call goes on with the rest, from `position` if told.
 */
export async function collectUnheldBlobs(
	parts: CollectUnheldBlobsParts,
	options: Abortable = {},
): Promise<CollectedBlobs> {
	const collection = new Collection(parts, options);
	await collection.releaseHolds();
	for (const storage of parts.storages.values()) {
		await collection.takeBlobs(storage);
	}
	return collection.collected;
}

class Collection {
	readonly #parts: CollectUnheldBlobsParts;
	readonly #signal: AbortSignal | undefined;
	readonly #before: Date;
	readonly #batch: number;
	readonly #records: CollectionRecords;
	readonly #pace: Pace | undefined;
	#position: number;
	#examined = 0;
	#holds = 0;
	#blobs = 0;
	#bytes = 0;
	#left = 0;

	constructor(parts: CollectUnheldBlobsParts, {signal}: Abortable) {
		this.#parts = parts;
		this.#records = parts.metadata.blobs;
		this.#position = parts.position ?? 0;
		this.#signal = signal;
		this.#before = collectionTime(parts.gracePeriodMs);
		this.#batch = parts.batch ?? 100;
		this.#pace = parts.blobsPerSecond === undefined ? undefined : new Pace(parts.blobsPerSecond);
	}

	get collected(): CollectedBlobs {
		return {
			examined: this.#examined,
			holds: this.#holds,
			blobs: this.#blobs,
			bytes: this.#bytes,
			left: this.#left,
		};
	}

	async releaseHolds(): Promise<void> {
		for (let more = true; more;) {
			more = await this.#leavingTime(async () => {
				const page = await this.#records.releaseUnreferenced(this.#before, this.#batch, this.#position);
				this.#examined += page.examined;
				this.#holds += page.released;
				this.#position = page.position ?? this.#position;
				return page.position !== undefined;
			});
		}
	}

	async takeBlobs(storage: Storage): Promise<void> {
		for (let last = this.#batch; last === this.#batch;) {
			await this.#pace?.wait(this.#batch, {signal: this.#signal});
			last = await this.#leavingTime(async () => {
				const taken = await this.#records.takeUnheld(storage.name, this.#before, this.#batch);
				await this.#deleteObjects(storage, taken);
				this.#blobs += taken.length;
				this.#bytes += taken.reduce((sum, blob) => sum + blob.size, 0);
				return taken.length;
			});
		}
	}

	/** Waits as long as the work took, so that half of the database's time is others'. */
	async #leavingTime<Result>(work: () => Promise<Result>): Promise<Result> {
		this.#signal?.throwIfAborted();
		const begin = performance.now();
		const done = await work();
		await this.#parts.onProgress?.(this.collected, this.#position);
		await sleep(performance.now() - begin, undefined, {signal: this.#signal});
		return done;
	}

	/** Not abortable: what was taken is known to nobody else. */
	async #deleteObjects(storage: Storage, blobs: readonly BlobRecord[]): Promise<void> {
		const limit = pLimit(4);
		const deleteObject = async ({key}: BlobRecord) => {
			try {
				await storage.delete(key);
			} catch (error) {
				this.#left += 1;
				const fields = {err: error, storage: storage.name, key};
				this.#parts.logger.warn(fields, 'a blob that nobody needs could not be deleted yet');
			}
		};
		await Promise.all(blobs.map(blob => limit(deleteObject, blob)));
	}
}
