import pLimit from 'p-limit';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {StoredObject} from '../storage/driver.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import {blobPrefix, uploadKeyOf, uploadPrefix} from './blob-keys.ts';
import {findObjectFault} from './find-object-fault.ts';
import {listStoredBlobs} from './list-stored-blobs.ts';
import type {ObjectFault} from './object-fault.ts';
import {Pace} from './pace.ts';

/** `unreferenced`: an object that no row knows. */
export type BlobFault = ObjectFault | {readonly kind: 'unreferenced'; readonly object: StoredObject};

export interface VerifyBlobsParts {
	readonly metadata: MetadataStore;
	readonly storage: Storage;
	/** Younger objects that no row knows are not told of: their rows may be on the way. */
	readonly gracePeriodMs: number;
	/** Bytes a second at most; no limit unless told. */
	readonly bytesPerSecond?: number;
	/** Blobs that are read at a time; 2 unless told. */
	readonly parallel?: number;
	/** Called as soon as one is found. */
	readonly onFault: (fault: BlobFault) => void;
	/** Called after every blob. */
	readonly onProgress?: (verified: VerifiedBlobs) => void;
}

export interface VerifiedBlobs {
	/** Blobs that were read, or could not be. */
	readonly blobs: number;
	readonly bytes: number;
	readonly faults: number;
}

/**
 * Reads every blob of a storage, past caches, and compares it with its digest, then looks for objects that no row knows.
 * Changes nothing. An object that cannot be read does not end it; a storage that does not serve does.
 */
export async function verifyBlobs(parts: VerifyBlobsParts, {signal}: Abortable = {}): Promise<VerifiedBlobs> {
	const {metadata, storage, parallel = 2, bytesPerSecond, onFault, onProgress} = parts;
	const pace = bytesPerSecond === undefined ? undefined : new Pace(bytesPerSecond);
	const counts = {blobs: 0, bytes: 0, faults: 0};
	const tell = (fault: BlobFault | undefined) => {
		if (fault !== undefined) {
			counts.faults += 1;
			onFault(fault);
		}
	};
	const limit = pLimit(parallel);
	let batch: Promise<void>[] = [];
	for await (const blob of listStoredBlobs(metadata.blobs, storage.name, {signal})) {
		const work = async () => {
			tell(await verifyBlob(parts, blob, {pace, signal}));
			counts.blobs += 1;
			counts.bytes += blob.size;
			onProgress?.({...counts});
		};
		batch.push(limit(work));
		if (batch.length === 100) {
			await settleAll(batch);
			batch = [];
		}
	}
	await settleAll(batch);
	for await (const object of unreferencedObjects(parts, {signal})) {
		tell({kind: 'unreferenced', object});
	}
	return counts;
}

/** Rejects with the first failure when all have ended. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
	const failed = (await Promise.allSettled(work)).find(result => result.status === 'rejected');
	if (failed !== undefined) {
		throw failed.reason;
	}
}

async function verifyBlob(
	{metadata, storage}: VerifyBlobsParts,
	blob: BlobRecord,
	options: Abortable & {readonly pace?: Pace},
): Promise<ObjectFault | undefined> {
	const fault = await findObjectFault(storage, blob, options);
	if (fault === undefined) {
		return undefined;
	}
	// Collected or moved while we were at it: nobody misses it.
	const still = await metadata.blobs.find(blob.storage, blob.digest);
	return still?.key === blob.key ? fault : undefined;
}

async function* unreferencedObjects(
	{metadata, storage, gracePeriodMs}: VerifyBlobsParts,
	{signal}: Abortable,
): AsyncIterable<StoredObject> {
	const before = Date.now() - gracePeriodMs;
	for (const prefix of [uploadPrefix, blobPrefix]) {
		for await (const object of storage.list(prefix, {signal})) {
			if (object.modifiedAt.getTime() < before && !(await isKnown(metadata, storage.name, object.key))) {
				yield object;
			}
		}
	}
}

/** Uploads before blobs: one that is committed in between has left its row among the blobs by then. */
async function isKnown(metadata: MetadataStore, storage: string, key: string): Promise<boolean> {
	const uploads = await metadata.uploads.findKeys(storage, [uploadKeyOf(key)]);
	return uploads.size > 0 || (await metadata.blobs.findKeys(storage, [key])).size > 0;
}
