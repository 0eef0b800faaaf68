import pLimit from 'p-limit';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';
import {copyObject} from './copy-object.ts';
import {findObjectFault} from './find-object-fault.ts';
import {LingeringObjects} from './lingering-objects.ts';
import {listStoredBlobs} from './list-stored-blobs.ts';
import type {ObjectFault} from './object-fault.ts';
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
	/** Called for every blob that stays where it is, because its object is missing, wrong or unreadable. */
	readonly onFault?: (fault: ObjectFault) => void;
	/** Called after every blob. */
	readonly onProgress?: (moved: MovedBlobs) => void;
}

export interface MovedBlobs {
	/** Blobs that are on the other storage now. */
	readonly blobs: number;
	readonly bytes: number;
	/** Of them, those that the other storage had already. */
	readonly known: number;
	/** Of them, those that the other storage should have had already, and had not as they should be: they were copied anew. */
	readonly repaired: number;
	/** Blobs that stay where they are, because their object is missing, wrong or unreadable. */
	readonly broken: number;
	/** Objects that nobody needs and that could not be deleted: a sweep finds them. */
	readonly left: number;
}

/**
 * Brings all blobs of one storage to another, while both are read and written. Every blob is read once and verified, on the
 * other storage where that has it already; its row changes only when the other storage has it whole. A blob that is broken
 * stays, and does not end it; a storage that does not serve does. Whenever this ends, each blob is at one of both, and
 * another call goes on with the rest.
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
	/** Objects of the other storage that nobody should read. */
	readonly #replaced: LingeringObjects;
	readonly #counts = {blobs: 0, bytes: 0, known: 0, repaired: 0, broken: 0};

	constructor(parts: MoveBlobsParts) {
		const {from, to, logger, lingerMs = 60_000, bytesPerSecond} = parts;
		this.#parts = parts;
		this.#lingering = new LingeringObjects(from, {lingerMs, logger});
		this.#replaced = new LingeringObjects(to, {lingerMs: 0, logger});
		this.#pace = bytesPerSecond === undefined ? undefined : new Pace(bytesPerSecond);
	}

	get moved(): MovedBlobs {
		return {...this.#counts, left: this.#lingering.left + this.#replaced.left};
	}

	async move(blob: BlobRecord, options: Abortable): Promise<void> {
		options.signal?.throwIfAborted();
		const {metadata, to, dryRun = false} = this.#parts;
		const there = await metadata.blobs.find(to.name, blob.digest);
		if (dryRun) {
			this.#count(blob, there === undefined ? 'copied' : 'known');
		} else {
			await (there === undefined ? this.#copy(blob, options) : this.#merge(blob, there, options));
		}
		await this.#lingering.deleteOld();
		await this.#replaced.deleteOld();
	}

	/** Deletes what is left where it was, once its time has come. */
	async finish(options: Abortable): Promise<void> {
		await this.#lingering.deleteAll(options);
	}

	#count({size}: BlobRecord, how: 'copied' | 'known' | 'repaired'): void {
		this.#counts.blobs += 1;
		this.#counts.bytes += size;
		if (how !== 'copied') {
			this.#counts[how] += 1;
		}
	}

	/** Where the other storage has it, and has it right, only rows are to change. */
	async #merge(blob: BlobRecord, there: BlobRecord, options: Abortable): Promise<void> {
		const {metadata, to, logger} = this.#parts;
		const fault = await findObjectFault(to, there, {pace: this.#pace, ...options});
		if (fault !== undefined) {
			logger.warn({...logged(fault), storage: to.name}, 'a blob is not as it should be where it is to go: copied anew');
			if (!(await this.#repair(blob, there, options))) {
				return;
			}
		}
		if ((await metadata.blobs.relocate(blob, {storage: to.name})) === 'merged') {
			this.#lingering.add(blob.key);
			this.#count(blob, fault === undefined ? 'known' : 'repaired');
		}
	}

	/** False when it stays as it is: the next move looks at it again. */
	async #repair(blob: BlobRecord, there: BlobRecord, options: Abortable): Promise<boolean> {
		const {metadata} = this.#parts;
		const key = await this.#write(blob, options);
		if (key === undefined) {
			return false;
		}
		const repaired = await metadata.blobs.rekey(there, key);
		this.#replaced.add(repaired ? there.key : key);
		return repaired;
	}

	async #copy(blob: BlobRecord, options: Abortable): Promise<void> {
		const {metadata, to} = this.#parts;
		const key = await this.#write(blob, options);
		if (key === undefined) {
			return;
		}
		const relocation = await metadata.blobs.relocate(blob, {storage: to.name, key});
		if (relocation !== 'moved') {
			this.#replaced.add(key);
		}
		if (relocation !== 'gone') {
			this.#lingering.add(blob.key);
			this.#count(blob, 'copied');
		}
	}

	/** Gives the key on the other storage; undefined when the blob is broken where it is. */
	async #write(blob: BlobRecord, options: Abortable): Promise<string | undefined> {
		const {metadata, from, to, onFault, logger} = this.#parts;
		const copied = await copyObject({from, to, pace: this.#pace}, blob, options);
		if ('key' in copied) {
			return copied.key;
		}
		// Collected while we were at it: nobody misses it.
		if ((await metadata.blobs.find(blob.storage, blob.digest))?.key === blob.key) {
			logger.error({...logged(copied), storage: from.name}, 'a blob is not as it should be, and stays');
			this.#counts.broken += 1;
			onFault?.(copied);
		}
		return undefined;
	}
}

function logged({kind, blob, message}: ObjectFault): object {
	return {kind, blob: blob.digest, key: blob.key, error: message};
}
