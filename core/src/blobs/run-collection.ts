import type {CollectionRecords} from '../metadata/blob-records.ts';
import type {JobRecords} from '../metadata/job-records.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Json} from '../types/json.ts';
import {type CollectUnheldBlobsParts, type CollectedBlobs, collectUnheldBlobs} from './collect-unheld-blobs.ts';

/** As whoever claims it and whoever asks how it stands names it. */
export const collectionJob = 'collect-unheld-blobs';

export interface RunCollectionParts extends Omit<CollectUnheldBlobsParts, 'position'> {
	readonly metadata: {readonly blobs: CollectionRecords; readonly jobs: Pick<JobRecords, 'find' | 'saveReport'>};
	/** How often others are told how far it is; 2,000 unless told. */
	readonly reportEveryMs?: number;
}

/** What a run has done, together with the runs before that were interrupted. */
interface CollectionReport extends CollectedBlobs {
	/** Where it got to among the holds; left out when it has come to the end. */
	readonly position?: number;
}

const nothing: CollectedBlobs = {examined: 0, holds: 0, blobs: 0, bytes: 0, left: 0};
const counts = ['examined', 'holds', 'blobs', 'bytes', 'left'] as const;

/**
 * A collection that tells, in the rows of its job, how far it is, and goes on where a run that was interrupted got to. To be
 * run by whoever has claimed that. Resolves to what this run has done.
 */
export async function runCollection(
	{reportEveryMs = 2000, ...parts}: RunCollectionParts,
	options: Abortable = {},
): Promise<CollectedBlobs> {
	const {jobs} = parts.metadata;
	const begun = readReport((await jobs.find(collectionJob)).report);
	const save = async (collected: CollectedBlobs, position?: number) =>
		jobs.saveReport(collectionJob, {...sum(begun, collected), ...(position !== undefined && {position})});
	let reportedAt = performance.now();
	await save(nothing, begun.position);
	const onProgress = async (collected: CollectedBlobs, position: number) => {
		await parts.onProgress?.(collected, position);
		if (performance.now() - reportedAt >= reportEveryMs) {
			reportedAt = performance.now();
			await save(collected, position);
		}
	};
	const collected = await collectUnheldBlobs({...parts, position: begun.position, onProgress}, options);
	await save(collected);
	return collected;
}

function sum(one: CollectedBlobs, other: CollectedBlobs): CollectedBlobs {
	const {examined, holds, blobs, bytes, left} = one;
	return {
		examined: examined + other.examined,
		holds: holds + other.holds,
		blobs: blobs + other.blobs,
		bytes: bytes + other.bytes,
		left: left + other.left,
	};
}

/** Nothing, unless a run was interrupted. */
function readReport(report: Json | undefined): CollectionReport {
	if (typeof report !== 'object' || report === null || Array.isArray(report)) {
		return nothing;
	}
	const told = report as Readonly<Record<string, Json>>;
	const {position} = told;
	const whole = counts.every(name => typeof told[name] === 'number');
	return whole && typeof position === 'number' ? {...(told as object as CollectedBlobs), position} : nothing;
}
