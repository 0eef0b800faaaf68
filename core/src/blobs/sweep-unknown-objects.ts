import {setTimeout as sleep} from 'node:timers/promises';
import pLimit from 'p-limit';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {StoredObject} from '../storage/driver.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import {blobPrefix, uploadKeyOf, uploadPrefix} from './blob-keys.ts';

export interface SweepUnknownObjectsParts {
	readonly metadata: MetadataStore;
	readonly storage: Storage;
	/** Younger objects are left alone: their rows may be on the way. */
	readonly gracePeriodMs: number;
	/** How many objects are asked for together; 500 unless told. */
	readonly batch?: number;
	/** Pause after each batch, which leaves the storage to others; 50 unless told. */
	readonly pauseMs?: number;
}

export interface SweptObjects {
	readonly seen: number;
	readonly deleted: number;
}

/** Deletes objects that no row knows: what crashes have left of uploads and of blobs. Other prefixes are not looked at. */
export async function sweepUnknownObjects(
	parts: SweepUnknownObjectsParts,
	{signal}: Abortable = {},
): Promise<SweptObjects> {
	let [seen, deleted] = [0, 0];
	for (const prefix of [uploadPrefix, blobPrefix]) {
		for await (const objects of oldObjects(parts, prefix, {signal})) {
			signal?.throwIfAborted();
			seen += objects.length;
			deleted += await deleteUnknown(parts, objects, {signal});
			await sleep(parts.pauseMs ?? 50, undefined, {signal});
		}
	}
	return {seen, deleted};
}

async function* oldObjects(
	{storage, gracePeriodMs, batch = 500}: SweepUnknownObjectsParts,
	prefix: string,
	options: Abortable,
): AsyncIterable<readonly StoredObject[]> {
	const before = Date.now() - gracePeriodMs;
	let objects: StoredObject[] = [];
	for await (const object of storage.list(prefix, options)) {
		if (object.modifiedAt.getTime() < before) {
			objects.push(object);
		}
		if (objects.length === batch) {
			yield objects;
			objects = [];
		}
	}
	if (objects.length > 0) {
		yield objects;
	}
}

async function deleteUnknown(
	{metadata, storage}: SweepUnknownObjectsParts,
	objects: readonly StoredObject[],
	options: Abortable,
): Promise<number> {
	const {name} = storage;
	const keys = objects.map(({key}) => key);
	// Uploads before blobs: one that is committed in between has left its row among the blobs by then.
	const uploads = await metadata.uploads.findKeys(name, [...new Set(keys.map(key => uploadKeyOf(key)))]);
	const candidates = keys.filter(key => !uploads.has(uploadKeyOf(key)));
	const blobs = await metadata.blobs.findKeys(name, candidates);
	const unknown = candidates.filter(key => !blobs.has(key));
	const limit = pLimit(4);
	await Promise.all(unknown.map(key => limit(() => storage.delete(key, options))));
	return unknown.length;
}
