import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {StoredObject} from '../storage/driver.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import {blobPrefix, digestOfBlobKey} from './blob-keys.ts';
import {findObjectFault} from './find-object-fault.ts';
import type {ObjectFault} from './object-fault.ts';

export interface ReindexBlobsParts {
	readonly metadata: MetadataStore;
	readonly storage: Storage;
	/** Whether the bytes are read and verified first. Only verified bytes ever get the key of a blob, so no unless told. */
	readonly verify?: boolean;
	/** Whether nothing is to be done, but counted. */
	readonly dryRun?: boolean;
	/** Called for every object that is wrong or unreadable, where they are verified. */
	readonly onFault?: (fault: ObjectFault) => void;
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
	/** Objects that could not be read. */
	readonly unreadable: number;
}

/**
 * Makes the rows of blobs again from what a storage has, for a database that was lost or is older than the storage. No
 * image holds what comes so: it is collected after the grace period unless a push asks for it, which need not send it again.
 */
export async function reindexBlobs(parts: ReindexBlobsParts, {signal}: Abortable = {}): Promise<ReindexedBlobs> {
	const counts = {seen: 0, added: 0, double: 0, wrong: 0, unreadable: 0};
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
	{metadata, storage, verify = false, dryRun = false, onFault}: ReindexBlobsParts,
	{key, size}: StoredObject,
	options: Abortable,
): Promise<'known' | Exclude<keyof ReindexedBlobs, 'seen'>> {
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
		const fault = await findObjectFault(storage, blob, options);
		if (fault?.kind === 'missing') {
			return 'known';
		}
		if (fault !== undefined) {
			onFault?.(fault);
			return fault.kind;
		}
	}
	return dryRun || (await metadata.blobs.insert(blob)) ? 'added' : 'double';
}
