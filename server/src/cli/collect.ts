import {collectionJob, runCollection, surveyCollectableBlobs} from '@stowage/core';
import type {ConfigurationOptions} from './program.ts';
import {runJob} from './run-job.ts';
import {type CliApplication, withApplication} from './with-application.ts';

export interface CollectOptions extends ConfigurationOptions {
	readonly dryRun?: boolean;
	/** Blobs a second. */
	readonly rate?: number;
}

/** Collects blobs that no image needs, unless a server does so already. */
export async function collect(options: CollectOptions): Promise<void> {
	await withApplication(options, async application => {
		await (options.dryRun === true ? tellPlan(application) : run(application, options));
	});
}

async function tellPlan({configuration, metadata, signal}: CliApplication): Promise<void> {
	const gracePeriodMs = configuration.gracePeriodSeconds * 1000;
	for (const {storage, blobs, bytes} of await surveyCollectableBlobs({metadata, gracePeriodMs}, {signal})) {
		process.stdout.write(`${blobs} blobs (${bytes} bytes) of "${storage}" would be deleted\n`);
	}
}

async function run(application: CliApplication, {rate}: CollectOptions): Promise<void> {
	const {configuration, metadata, storages, logger} = application;
	const gracePeriodMs = configuration.gracePeriodSeconds * 1000;
	const blobsPerSecond = rate ?? configuration.collection.blobsPerSecond;
	await runJob(application, collectionJob, async options => {
		const parts = {metadata, storages, logger, gracePeriodMs, blobsPerSecond};
		const {blobs, bytes} = await runCollection(parts, options);
		process.stdout.write(`${blobs} blobs (${bytes} bytes) deleted\n`);
	});
}
