import {setImmediate} from 'node:timers/promises';
import type {BlobTotals} from '../metadata/blob-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Abortable} from '../types/abortable.ts';
import {collectionTime} from './collection-time.ts';

export interface SurveyCollectableBlobsParts {
	readonly metadata: Pick<MetadataStore, 'blobs'>;
	readonly gracePeriodMs: number;
	/** How many rows are read together; 1,000 unless told. */
	readonly batch?: number;
}

export interface SurveyedStorage extends BlobTotals {
	readonly storage: string;
}

/** What a collection would delete now, on each storage; nothing is changed. It reads in parts, so that others come in between. */
export async function surveyCollectableBlobs(
	{metadata, gracePeriodMs, batch = 1000}: SurveyCollectableBlobsParts,
	{signal}: Abortable = {},
): Promise<readonly SurveyedStorage[]> {
	const before = collectionTime(gracePeriodMs);
	const found = new Map<string, SurveyedStorage>();
	for (let position = 0; ;) {
		signal?.throwIfAborted();
		const part = await metadata.blobs.surveyCollectable(before, {position, limit: batch});
		if (part === undefined) {
			return [...found.values()].toSorted((one, other) => (one.storage < other.storage ? -1 : 1));
		}
		for (const {storage, blobs, bytes} of part.storages) {
			const sum = found.get(storage) ?? {storage, blobs: 0, bytes: 0};
			found.set(storage, {storage, blobs: sum.blobs + blobs, bytes: sum.bytes + bytes});
		}
		position = part.position;
		await setImmediate();
	}
}
