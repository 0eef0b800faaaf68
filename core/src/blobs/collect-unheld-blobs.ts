import pLimit from 'p-limit';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';

export interface CollectUnheldBlobsParts {
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly logger: Logger;
	/** What was held or pushed less than this ago is left alone: an answer that a blob exists is a promise for so long. */
	readonly gracePeriodMs: number;
	/** How many rows a transaction works through; 200 unless told. */
	readonly batch?: number;
}

export interface CollectedBlobs {
	/** Holds of images on blobs that none of their manifests needs. */
	readonly holds: number;
	readonly blobs: number;
	readonly bytes: number;
}

/**
 * Deletes blobs that no image needs, while pushing goes on: first the rows, then the objects. An object that could not
 * be deleted has no row, so the sweep of unknown objects finds it.
 */
export async function collectUnheldBlobs(
	parts: CollectUnheldBlobsParts,
	{signal}: Abortable = {},
): Promise<CollectedBlobs> {
	const {metadata, storages, gracePeriodMs, batch = 200} = parts;
	const before = new Date(Date.now() - gracePeriodMs);
	const holds = await releaseHolds(metadata, {before, batch, signal});
	let [blobs, bytes] = [0, 0];
	for (const storage of storages.values()) {
		for (;;) {
			signal?.throwIfAborted();
			const taken = await metadata.blobs.takeUnheld(storage.name, before, batch);
			await deleteObjects(storage, taken, parts.logger);
			blobs += taken.length;
			bytes += taken.reduce((sum, blob) => sum + blob.size, 0);
			if (taken.length < batch) {
				break;
			}
		}
	}
	return {holds, blobs, bytes};
}

interface ReleaseOptions extends Abortable {
	readonly before: Date;
	readonly batch: number;
}

async function releaseHolds(metadata: MetadataStore, {before, batch, signal}: ReleaseOptions): Promise<number> {
	for (let holds = 0; ;) {
		signal?.throwIfAborted();
		const ended = await metadata.blobs.releaseUnreferenced(before, batch);
		holds += ended;
		if (ended < batch) {
			return holds;
		}
	}
}

/** Not abortable: what was taken is known to nobody else. */
async function deleteObjects(storage: Storage, blobs: readonly BlobRecord[], logger: Logger): Promise<void> {
	const limit = pLimit(4);
	const deleteObject = async ({key}: BlobRecord) => {
		try {
			await storage.delete(key);
		} catch (error) {
			logger.warn({err: error, storage: storage.name, key}, 'a blob that nobody needs could not be deleted yet');
		}
	};
	await Promise.all(blobs.map(blob => limit(deleteObject, blob)));
}
