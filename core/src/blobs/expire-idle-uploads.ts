import {ConflictError} from '../metadata/conflict-error.ts';
import type {UploadRecord} from '../metadata/upload-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';
import {discardUpload} from './discard-upload.ts';

export interface ExpireIdleUploadsParts {
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly logger: Logger;
	/** How long an upload may stand still. */
	readonly idleMs: number;
	/** How many are looked at together; 100 unless told. */
	readonly batch?: number;
}

/** Cancels uploads that nobody has gone on with for long. Resolves to how many. One that fails is tried again later. */
export async function expireIdleUploads(parts: ExpireIdleUploadsParts, {signal}: Abortable = {}): Promise<number> {
	const {metadata, idleMs, batch = 100} = parts;
	const before = new Date(Date.now() - idleMs);
	let expired = 0;
	for (;;) {
		const idle = await metadata.uploads.findIdle(before, batch);
		for (const upload of idle) {
			signal?.throwIfAborted();
			expired += (await expire(upload, parts)) ? 1 : 0;
		}
		if (idle.length < batch) {
			return expired;
		}
	}
}

async function expire(upload: UploadRecord, {metadata, storages, logger}: ExpireIdleUploadsParts): Promise<boolean> {
	try {
		// Refused when a client has just gone on; if what follows fails, its turn comes again after the idle time.
		const claimed = await metadata.uploads.save({...upload, claimedUntil: new Date(Date.now() + 60_000)});
		const storage = storages.get(upload.storage);
		if (storage === undefined) {
			throw new Error(`storage "${upload.storage}" is not configured any more`);
		}
		await discardUpload(claimed, {storage, metadata});
		return true;
	} catch (error) {
		if (!(error instanceof ConflictError)) {
			logger.warn({err: error, upload: upload.id, storage: upload.storage}, 'an idle upload could not be cancelled');
		}
		return false;
	}
}
