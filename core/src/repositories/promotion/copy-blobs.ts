import pLimit from 'p-limit';
import type {LiveHashes} from '../../blobs/live-hashes.ts';
import {StorageBlobStore} from '../../blobs/storage-blob-store.ts';
import type {BlobRecord} from '../../metadata/blob-records.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import {digestAlgorithm} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {Storage} from '../../storage/storage.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {Logger} from '../../types/logger.ts';
import type {PromotionEnd} from './promotion-end.ts';

interface CopyParts extends Abortable {
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly target: PromotionEnd;
	/** Whose blobs they become. */
	readonly image: ImageName;
	readonly by: string;
	readonly hashes: LiveHashes;
	readonly logger: Logger;
}

/** Blobs on their way at a time. */
const atATime = 4;

/**
 * Lets the target's image hold these blobs on its own storage: as they are there, or copied and checked byte for byte.
 * What was copied when it fails is let go again by the collection. Rejects with the first failure, when none is under way.
 */
export async function copyBlobs(blobs: readonly BlobRecord[], parts: CopyParts): Promise<void> {
	const {metadata, storages, target, image, by, hashes, logger, signal} = parts;
	const storage = findStorage(storages, target.storage);
	const quota = target.rules?.writes.quota;
	const store = new StorageBlobStore({storage, storages, metadata, repositoryId: target.id, hashes, quota, logger});
	const limit = pLimit(atATime);
	const stop = new AbortController();
	const until = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
	const results = await Promise.allSettled(
		blobs.map(blob =>
			limit(async () => {
				until.throwIfAborted();
				try {
					if ((await store.hold(image, blob.digest)) === undefined) {
						await copy(blob, {
							store,
							owner: {image, startedBy: by},
							source: findStorage(storages, blob.storage),
							signal: until,
						});
					}
				} catch (error) {
					stop.abort(error);
					throw error;
				}
			}),
		),
	);
	signal?.throwIfAborted();
	if (results.some(({status}) => status === 'rejected')) {
		throw stop.signal.reason;
	}
}

interface CopyRequest {
	readonly store: StorageBlobStore;
	readonly owner: {readonly image: ImageName; readonly startedBy: string};
	readonly source: Storage;
	readonly signal: AbortSignal;
}

async function copy({digest, key}: BlobRecord, {store, owner, source, signal}: CopyRequest): Promise<void> {
	const body = await source.read(key, {signal});
	try {
		const upload = await store.startUpload(owner, {algorithm: digestAlgorithm(digest), signal});
		try {
			await upload.append(body, {signal});
			await upload.commit(digest, {signal});
		} catch (error) {
			await upload.cancel();
			throw error;
		}
	} finally {
		body.destroy();
	}
}

function findStorage(storages: ReadonlyMap<string, Storage>, name: string): Storage {
	const storage = storages.get(name);
	if (storage === undefined) {
		throw new Error(`storage "${name}" is not configured`);
	}
	return storage;
}
