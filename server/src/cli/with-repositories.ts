import {EventBus, LiveHashes, RepositorySet} from '@stowage/core';
import type {ConfigurationOptions} from './program.ts';
import {type CliApplication, withApplication} from './with-application.ts';

export interface CliRepositories extends CliApplication {
	readonly repositories: RepositorySet;
	readonly events: EventBus;
}

/** Opens the repositories too, as a server does that may run meanwhile, and closes all after `work`. */
export async function withRepositories(
	options: ConfigurationOptions,
	work: (parts: CliRepositories) => Promise<void>,
): Promise<void> {
	await withApplication(options, async application => {
		const {configuration, plugins, validator, metadata, storages, logger} = application;
		const events = new EventBus(logger);
		const repositories = await RepositorySet.open({
			metadata,
			storages,
			events,
			logger,
			types: plugins.repositoryTypes,
			completeOptions: (schema, given) => validator.complete(schema, given),
			hashes: new LiveHashes(),
			gracePeriodMs: configuration.gracePeriodSeconds * 1000,
			openUploadsPerUser: configuration.uploads.openPerUser,
			// Jobs are the servers' business.
			jobs: {every: () => undefined},
		});
		try {
			await work({...application, repositories, events});
		} finally {
			await repositories.close();
		}
	});
}
