import type {CollectionRecords} from '../metadata/blob-records.ts';
import type {JobRecords} from '../metadata/job-records.ts';
import type {Abortable} from '../types/abortable.ts';
import {type CollectUnheldBlobsParts, type CollectedBlobs, collectUnheldBlobs} from './collect-unheld-blobs.ts';

/** As whoever claims it and whoever asks how it stands names it. */
export const collectionJob = 'collect-unheld-blobs';

export interface RunCollectionParts extends CollectUnheldBlobsParts {
	readonly metadata: {readonly blobs: CollectionRecords; readonly jobs: Pick<JobRecords, 'saveReport'>};
	/** How often others are told how far it is; 2,000 unless told. */
	readonly reportEveryMs?: number;
}

/** A collection that tells, in the rows of its job, how far it is. To be run by whoever has claimed that. */
export async function runCollection(
	{reportEveryMs = 2000, ...parts}: RunCollectionParts,
	options: Abortable = {},
): Promise<CollectedBlobs> {
	const {jobs} = parts.metadata;
	let reportedAt = performance.now();
	await jobs.saveReport(collectionJob, {examined: 0, holds: 0, blobs: 0, bytes: 0, left: 0});
	const onProgress = async (collected: CollectedBlobs) => {
		await parts.onProgress?.(collected);
		if (performance.now() - reportedAt >= reportEveryMs) {
			reportedAt = performance.now();
			await jobs.saveReport(collectionJob, {...collected});
		}
	};
	const collected = await collectUnheldBlobs({...parts, onProgress}, options);
	await jobs.saveReport(collectionJob, {...collected});
	return collected;
}
