import {randomUUID} from 'node:crypto';
import pLimit from 'p-limit';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {UploadState} from '../storage/driver.ts';
import {StorageError} from '../storage/storage-error.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';
import {blobKey, uploadKey} from './blob-keys.ts';
import {WrongBlobError, hashedBody} from './hashed-body.ts';
import {LingeringObjects} from './lingering-objects.ts';
import {listStoredBlobs} from './list-stored-blobs.ts';
import {Pace} from './pace.ts';

export interface MoveBlobsParts {
	readonly metadata: MetadataStore;
	readonly from: Storage;
	readonly to: Storage;
	readonly logger: Logger;
	/** Bytes a second at most; no limit unless told. */
	readonly bytesPerSecond?: number;
	/** Blobs under way at a time; 2 unless told. */
	readonly parallel?: number;
	/** How long an object stays where it was once its blob is elsewhere, for those who are about to read it; 60,000 unless told. */
	readonly lingerMs?: number;
	/** Whether nothing is to be done, but counted. */
	readonly dryRun?: boolean;
	/** Called after every blob. */
	readonly onProgress?: (moved: MovedBlobs) => void;
}

export interface MovedBlobs {
	/** Blobs that are on the other storage now. */
	readonly blobs: number;
	readonly bytes: number;
	/** Of them, those that the other storage had already. */
	readonly known: number;
	/** Blobs whose object is not there, or has other bytes: they stay where they are. */
	readonly broken: readonly BlobRecord[];
	/** Objects that could not be deleted where they were: a sweep finds them. */
	readonly left: number;
}

/**
 * Brings all blobs of one storage to another, while both are read and written. Every blob is read once and verified; its
 * row changes only when the other storage has it whole. Whenever this ends, each blob is at one of both, and another call
 * goes on with the rest.
 */
export async function moveBlobs(parts: MoveBlobsParts, {signal}: Abortable = {}): Promise<MovedBlobs> {
	const {metadata, from, parallel = 2, onProgress} = parts;
	const mover = new BlobMover(parts);
	const limit = pLimit(parallel);
	const failed = new AbortController();
	const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
	const underWay = new Set<Promise<void>>();
	try {
		for await (const blob of listStoredBlobs(metadata.blobs, from.name, {signal: either})) {
			const moving = limit(async () => {
				await mover.move(blob, {signal: either});
				onProgress?.(mover.moved);
			}).catch((error: unknown) => failed.abort(error));
			underWay.add(moving);
			void moving.finally(() => underWay.delete(moving));
			if (underWay.size >= parallel * 2) {
				await Promise.race(underWay);
			}
		}
		await Promise.all(underWay);
		either.throwIfAborted();
		await mover.finish({signal});
	} finally {
		await Promise.all(underWay);
	}
	return mover.moved;
}

class BlobMover {
	readonly #parts: MoveBlobsParts;
	readonly #pace: Pace | undefined;
	readonly #lingering: LingeringObjects;
	readonly #broken: BlobRecord[] = [];
	#blobs = 0;
	#bytes = 0;
	#known = 0;

	constructor(parts: MoveBlobsParts) {
		const {from, logger, lingerMs = 60_000, bytesPerSecond} = parts;
		this.#parts = parts;
		this.#lingering = new LingeringObjects(from, {lingerMs, logger});
		this.#pace = bytesPerSecond === undefined ? undefined : new Pace(bytesPerSecond);
	}

	get moved(): MovedBlobs {
		return {
			blobs: this.#blobs,
			bytes: this.#bytes,
			known: this.#known,
			broken: this.#broken,
			left: this.#lingering.left,
		};
	}

	async move(blob: BlobRecord, options: Abortable): Promise<void> {
		options.signal?.throwIfAborted();
		const {metadata, from, to, dryRun = false, logger} = this.#parts;
		try {
			if (dryRun) {
				this.#count(blob, (await metadata.blobs.find(to.name, blob.digest)) !== undefined);
			} else if (await this.#merge(blob, options)) {
				this.#count(blob, true);
			} else if (await this.#copy(blob, options)) {
				this.#count(blob, false);
			}
		} catch (error) {
			if (!isBroken(error, from)) {
				throw error;
			}
			// Collected while we were at it: nobody misses it.
			if ((await metadata.blobs.find(blob.storage, blob.digest))?.key === blob.key) {
				logger.error({err: error, blob: blob.digest, key: blob.key}, 'a blob is not as it should be, and stays');
				this.#broken.push(blob);
			}
		}
		await this.#lingering.deleteOld();
	}

	#count({size}: BlobRecord, known: boolean): void {
		this.#blobs += 1;
		this.#bytes += size;
		this.#known += known ? 1 : 0;
	}

	/** Deletes what is left where it was, once its time has come. */
	async finish(options: Abortable): Promise<void> {
		await this.#lingering.deleteAll(options);
	}

	/** The other storage may have it: then only rows are to change. */
	async #merge(blob: BlobRecord, options: Abortable): Promise<boolean> {
		const {metadata, to} = this.#parts;
		const there = await metadata.blobs.find(to.name, blob.digest);
		if (there === undefined) {
			return false;
		}
		if ((await to.stat(there.key, options))?.size !== blob.size) {
			throw new UnsoundStorageError(there);
		}
		const merged = (await metadata.blobs.relocate(blob, {storage: to.name})) === 'merged';
		if (merged) {
			this.#lingering.add(blob.key);
		}
		return merged;
	}

	async #copy(blob: BlobRecord, options: Abortable): Promise<boolean> {
		const {metadata, to} = this.#parts;
		const id = randomUUID();
		const key = blobKey(blob.digest, id);
		await this.#write(blob, {id, key, ...options});
		const relocation = await metadata.blobs.relocate(blob, {storage: to.name, key});
		if (relocation !== 'moved') {
			await to.delete(key);
		}
		if (relocation !== 'gone') {
			this.#lingering.add(blob.key);
		}
		return relocation !== 'gone';
	}

	async #write(blob: BlobRecord, {id, key, signal}: Abortable & {readonly id: string; readonly key: string}) {
		const {from, to} = this.#parts;
		const source = await from.read(blob.key, {signal});
		let state: UploadState | undefined;
		try {
			state = await to.createUpload(uploadKey(id), {signal});
			state = await to.appendUpload(state, hashedBody(source, blob, {pace: this.#pace, signal}), {signal});
			await to.sealUpload(state, {signal});
			await to.move(state.key, key, {signal});
		} catch (error) {
			if (state !== undefined) {
				// The first error counts; a sweep finds what stays.
				await to.abortUpload(state).catch(() => undefined);
			}
			throw error;
		} finally {
			source.destroy();
		}
	}
}

/** The storage to which blobs are moved has a row for one and no whole object. */
class UnsoundStorageError extends Error {
	override readonly name = 'UnsoundStorageError';
	readonly code = 'STORAGE_UNSOUND';

	constructor({storage, digest, key}: BlobRecord) {
		super(`storage "${storage}" should have ${digest} at ${key}, and has not: verify it first`);
	}
}

/** Whether it is this blob that is broken, and not the storage. */
function isBroken(error: unknown, from: Storage): boolean {
	return (
		error instanceof WrongBlobError ||
		(error instanceof StorageError && error.storage === from.name && error.code === 'not-found')
	);
}
