import {pipeline} from 'node:stream/promises';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {StoredObject} from '../storage/driver.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import {blobPrefix, digestOfBlobKey} from './blob-keys.ts';
import {WrongBlobError, hashedBody} from './hashed-body.ts';

export interface ReindexBlobsParts {
	readonly metadata: MetadataStore;
	readonly storage: Storage;
	/** Whether the bytes are read and verified first. Only verified bytes ever get the key of a blob, so no unless told. */
	readonly verify?: boolean;
	/** Whether nothing is to be done, but counted. */
	readonly dryRun?: boolean;
	/** Called after every object. */
	readonly onProgress?: (reindexed: ReindexedBlobs) => void;
}

export interface ReindexedBlobs {
	/** Objects that were looked at. */
	readonly seen: number;
	/** Rows that were made. */
	readonly added: number;
	/** Objects of a blob that has another one already: a sweep deletes them. */
	readonly double: number;
	/** Objects whose bytes are not those that their key says. */
	readonly wrong: number;
}

/**
 * Makes the rows of blobs again from what a storage has, for a database that was lost or is older than the storage. No
 * image holds what comes so: it is collected after the grace period unless a push asks for it, which need not send it again.
 */
export async function reindexBlobs(parts: ReindexBlobsParts, {signal}: Abortable = {}): Promise<ReindexedBlobs> {
	const counts = {seen: 0, added: 0, double: 0, wrong: 0};
	for await (const object of parts.storage.list(blobPrefix, {signal})) {
		signal?.throwIfAborted();
		counts.seen += 1;
		const outcome = await reindex(parts, object, {signal});
		if (outcome !== 'known') {
			counts[outcome] += 1;
		}
		parts.onProgress?.({...counts});
	}
	return counts;
}

async function reindex(
	{metadata, storage, verify = false, dryRun = false}: ReindexBlobsParts,
	{key, size}: StoredObject,
	options: Abortable,
): Promise<'known' | 'added' | 'double' | 'wrong'> {
	const digest = digestOfBlobKey(key);
	if (digest === undefined) {
		return 'known';
	}
	const known = await metadata.blobs.find(storage.name, digest);
	if (known !== undefined) {
		return known.key === key ? 'known' : 'double';
	}
	const blob = {digest, size, storage: storage.name, key};
	if (verify) {
		try {
			await pipeline(hashedBody(await storage.read(key, options), blob, options), drain);
		} catch (error) {
			if (error instanceof WrongBlobError) {
				return 'wrong';
			}
			throw error;
		}
	}
	return dryRun || (await metadata.blobs.insert(blob)) ? 'added' : 'double';
}

async function drain(bytes: AsyncIterable<Buffer>): Promise<void> {
	for await (const chunk of bytes) {
		void chunk;
	}
}
