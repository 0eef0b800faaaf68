import {
	EventBus,
	ImagePromotion,
	type ImageReference,
	LiveHashes,
	RepositorySet,
	parseImageName,
	parseTagName,
} from '@stowage/core';
import {InvalidArgumentError} from 'commander';
import type {ConfigurationOptions} from './program.ts';

export interface PromoteOptions extends ConfigurationOptions {
	readonly copy?: boolean;
}

type Target = Omit<ImageReference, 'image'> & Partial<Pick<ImageReference, 'image'>>;

/** As over REST, for who has the configuration, beside servers that may be running. Rejects with what is wrong. */
export async function promote(source: string, target: string, options: PromoteOptions): Promise<void> {
	const from = toSource(source);
	const {image = from.image, ...rest} = toTarget(target);
	const to: ImageReference = {...rest, image};
	const [{readCliConfiguration}, {openDatabase}, {openStorages}, {createLog}] = await Promise.all([
		import('./read-cli-configuration.ts'),
		import('../process/open-database.ts'),
		import('../process/open-storages.ts'),
		import('../process/log.ts'),
	]);
	const {configuration, plugins, validator} = await readCliConfiguration(options);
	const logger = createLog({level: configuration.log.level, destination: process.stderr});
	await using opened = new AsyncDisposableStack();
	const metadata = await openDatabase(configuration.database);
	opened.defer(() => metadata.close());
	const storages = await openStorages({configuration, plugins, logger}, opened);
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
	opened.defer(() => repositories.close());
	const promotion = new ImagePromotion({metadata, repositories, storages, events, logger});
	// Who has the configuration may do everything.
	const promoted = await promotion.promote(from, to, {
		by: 'stowage',
		demand: () => undefined,
		copy: options.copy === true,
	});
	const {manifests, tags} = promoted;
	process.stdout.write(
		`${options.copy === true ? 'copied' : 'moved'} ${manifests.length} manifests, ${tags.length} tags\n`,
	);
}

function toSource(text: string): ImageReference {
	const {image, ...rest} = toTarget(text);
	if (image === undefined) {
		throw new InvalidArgumentError('It must be repository/image or repository/image:tag.');
	}
	return {...rest, image};
}

function toTarget(text: string): Target {
	const [, repository, image, tag] = /^([^/:]+)(?:\/([^:]+)(?::(.+))?)?$/.exec(text) ?? [];
	if (repository === undefined) {
		throw new InvalidArgumentError('It must be repository, repository/image or repository/image:tag.');
	}
	try {
		return {
			repository,
			...(image !== undefined && {image: parseImageName(image)}),
			...(tag !== undefined && {tag: parseTagName(tag)}),
		};
	} catch (error) {
		throw new InvalidArgumentError(`${(error as Error).message}.`);
	}
}
