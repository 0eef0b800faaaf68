import type {JobRecords} from '../../metadata/job-records.ts';
import {findImageName} from '../../oci/image-name.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {Json} from '../../types/json.ts';
import type {RetainedImage, Retention, RetentionPlace} from './retention.ts';

/** As whoever claims it and whoever asks how it stands names it. */
export const retentionJob = 'apply-retention';

/** What a run has done, together with the runs before that were interrupted. */
export interface RetentionReport {
	/** Images that were looked at. */
	readonly images: number;
	readonly tags: number;
	readonly manifests: number;
	/** Where it got to; left out when it has come to the end. */
	readonly at?: RetentionPlace;
}

export interface RunRetentionParts {
	readonly retention: Retention;
	readonly jobs: Pick<JobRecords, 'find' | 'saveReport'>;
	/** Called after every image of which something went. */
	readonly onRemoved?: (image: RetainedImage) => void;
	/** How often it is kept how far it is; 1,000 unless told. */
	readonly reportEveryMs?: number;
}

/** Applies the policies, and goes on where a run that was interrupted got to. To be run by whoever has claimed its job. */
export async function runRetention(
	{retention, jobs, onRemoved, reportEveryMs = 1000}: RunRetentionParts,
	{signal}: Abortable = {},
): Promise<RetentionReport> {
	const begun = readReport((await jobs.find(retentionJob)).report);
	let report: RetentionReport = begun?.at === undefined ? {images: 0, tags: 0, manifests: 0} : begun;
	let savedAt = Number.NEGATIVE_INFINITY;
	const onImage = async ({repository, image}: RetentionPlace) => {
		report = {...report, images: report.images + 1, at: {repository, image}};
		if (performance.now() - savedAt >= reportEveryMs) {
			savedAt = performance.now();
			await jobs.saveReport(retentionJob, toJson(report));
		}
	};
	for await (const image of retention.run({after: report.at, onImage, signal})) {
		const {tags, manifests} = image.removal;
		report = {...report, tags: report.tags + tags.length, manifests: report.manifests + manifests.length};
		onRemoved?.(image);
	}
	const {at: _at, ...ended} = report;
	await jobs.saveReport(retentionJob, toJson(ended));
	return ended;
}

function toJson({at, ...counts}: RetentionReport): Json {
	return {...counts, ...(at !== undefined && {at: {repository: at.repository, image: at.image}})};
}

function readReport(report: Json | undefined): RetentionReport | undefined {
	if (typeof report !== 'object' || report === null || Array.isArray(report)) {
		return undefined;
	}
	const {images, tags, manifests, at} = report as {readonly [name: string]: Json};
	if (typeof images !== 'number' || typeof tags !== 'number' || typeof manifests !== 'number') {
		return undefined;
	}
	const {repository, image} = (at ?? {}) as {readonly repository?: Json; readonly image?: Json};
	const name = typeof image === 'string' ? findImageName(image) : undefined;
	const place = typeof repository === 'string' && name !== undefined ? {at: {repository, image: name}} : {};
	return {images, tags, manifests, ...place};
}
