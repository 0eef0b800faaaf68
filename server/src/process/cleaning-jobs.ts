import {
	type CollectedBlobs,
	type JobRegistrar,
	type Logger,
	type MetadataStore,
	type Storage,
	collectionJob,
	runCollection,
} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import type {CleaningMetrics} from '../http/cleaning-metrics.ts';

export interface CleaningParts {
	readonly configuration: Pick<Configuration, 'gracePeriodSeconds' | 'collection'>;
	readonly jobs: JobRegistrar;
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly logger: Logger;
	readonly metrics: CleaningMetrics;
}

/** What the server does now and then so that it keeps nothing that nobody wants. Each runs when it is asked for, too. */
export function registerCleaningJobs(parts: CleaningParts): void {
	const {configuration, jobs, logger} = parts;
	jobs.every({minutes: configuration.collection.intervalMinutes}, collectionJob, async options => {
		const collected = await runCollection(collectionParts(parts), options);
		if (collected.holds > 0 || collected.blobs > 0) {
			logger.info({...collected}, 'blobs deleted that no image needs');
		}
	});
}

function collectionParts({configuration, metadata, storages, logger, metrics}: CleaningParts) {
	const {collection, gracePeriodSeconds} = configuration;
	let counted: CollectedBlobs | undefined;
	return {
		metadata,
		storages,
		logger,
		gracePeriodMs: gracePeriodSeconds * 1000,
		blobsPerSecond: collection.blobsPerSecond,
		onProgress: (collected: CollectedBlobs) => {
			metrics.countCollected(collected, counted);
			counted = collected;
		},
	};
}
