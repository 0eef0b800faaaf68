import {
	type Abortable,
	type CollectedBlobs,
	type JobRegistrar,
	type Logger,
	type MetadataStore,
	type Retention,
	type Storage,
	collectV1Images,
	collectionJob,
	retentionJob,
	runCollection,
	runRetention,
} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import type {CleaningMetrics} from '../http/cleaning-metrics.ts';

export interface CleaningParts {
	readonly configuration: Pick<Configuration, 'gracePeriodSeconds' | 'collection' | 'retention'>;
	readonly jobs: JobRegistrar;
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly retention: Retention;
	readonly logger: Logger;
	readonly metrics: CleaningMetrics;
}

/** What the server does now and then so that it keeps nothing that nobody wants. Each runs when it is asked for, too. */
export function registerCleaningJobs(parts: CleaningParts): void {
	const {configuration, jobs, logger, metadata, retention, metrics} = parts;
	jobs.every({minutes: configuration.retention.intervalMinutes}, retentionJob, async options => {
		const onRemoved = metrics.countRemoved.bind(metrics);
		const report = await runRetention({retention, jobs: metadata.jobs, onRemoved}, options);
		if (report.tags > 0 || report.manifests > 0) {
			logger.info({...report}, 'removed what policies do not keep');
		}
	});
	jobs.every({minutes: configuration.collection.intervalMinutes}, collectionJob, async options => {
		const images = await collectV1Images({metadata, gracePeriodMs: configuration.gracePeriodSeconds * 1000}, options);
		if (images > 0) {
			logger.info({images}, 'V1 images deleted that no tag needs');
		}
		const collected = await collectBeside(parts, options);
		if (collected.holds > 0 || collected.blobs > 0) {
			logger.info({...collected}, 'blobs deleted that no image needs');
		}
	});
}

async function collectBeside(
	{configuration, metadata, storages, logger, metrics}: CleaningParts,
	options: Abortable,
): Promise<CollectedBlobs> {
	const {collection, gracePeriodSeconds} = configuration;
	const opened = metadata.openCollection();
	let counted: CollectedBlobs | undefined;
	try {
		const parts = {
			metadata: {blobs: opened.records, jobs: metadata.jobs},
			storages,
			logger,
			gracePeriodMs: gracePeriodSeconds * 1000,
			blobsPerSecond: collection.blobsPerSecond,
			onProgress: (collected: CollectedBlobs) => {
				metrics.countCollected(collected, counted);
				counted = collected;
			},
		};
		return await runCollection(parts, options);
	} finally {
		await opened.close();
	}
}
