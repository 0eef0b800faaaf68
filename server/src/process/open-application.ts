import cluster from 'node:cluster';
import type {RequestListener} from 'node:http';
import {join} from 'node:path';
import {
	BlobTransfers,
	EventBus,
	JobRunner,
	LiveHashes,
	type Logger,
	type MetadataStore,
	type OptionsValidator,
	type PluginSet,
	RepositorySet,
	type Storage,
} from '@stowage/core';
import {openAuditLog} from '../audit/open-audit-log.ts';
import {Authenticator} from '../auth/authenticator.ts';
import type {ExternalRealm} from '../auth/external/external-realm.ts';
import type {Configuration} from '../config/configuration.ts';
import {createApp} from '../http/app.ts';
import {Metrics} from '../http/metrics.ts';
import {Readiness} from '../http/readiness.ts';
import {restEndpoints} from '../rest/rest-endpoints.ts';
import {registerCleaningJobs} from './cleaning-jobs.ts';
import {createRetention} from './create-retention.ts';
import {registerMaintenanceJobs} from './maintenance-jobs.ts';
import {openRealms} from './open-realms.ts';
import {openStorages} from './open-storages.ts';

/** The database is the caller's, who closes it after the application. */
export interface ApplicationParts {
	readonly configuration: Configuration;
	readonly plugins: PluginSet;
	readonly validator: OptionsValidator;
	readonly metadata: MetadataStore;
	readonly logger: Logger;
	/** How long the setup of one plugin may take; 30,000 unless told. */
	readonly pluginSetupMs?: number;
}

/** Everything between the database and the listening sockets. */
export interface Application {
	/** For requests, and for those that wait for `100 Continue`. */
	readonly handler: RequestListener;
	readonly repositories: RepositorySet;
	/** From now on it says that it is not ready. */
	stop(): void;
	/** Ends jobs, plugins, repositories and storages, in this order. To be called when no request is under way. */
	close(): Promise<void>;
}

/** Opens every part and makes the app. When one cannot be opened, those before it are closed again, and it rejects. */
export async function openApplication(parts: ApplicationParts): Promise<Application> {
	const {configuration, plugins, metadata, logger, pluginSetupMs = 30_000} = parts;
	await using opened = new AsyncDisposableStack();
	const metrics = new Metrics({worker: cluster.isWorker});
	const audit = openAuditLog(parts);
	opened.defer(() => audit.close());
	const storages = await openStorages({configuration, plugins, logger, metrics}, opened);
	const events = new EventBus(logger);
	const jobs = new JobRunner({metadata, logger, observe: metrics.observeJob.bind(metrics)});
	const transfers = await BlobTransfers.open({folder: join(configuration.data, 'spool')});
	const repositories = await openRepositories(parts, {storages, events, jobs, transfers});
	opened.defer(() => repositories.close());
	opened.defer(() => transfers.close());
	registerMaintenanceJobs({configuration, jobs, metadata, storages, logger});
	const retention = createRetention({...parts, storages, events, repositoryTypes: plugins.repositoryTypes});
	registerCleaningJobs({configuration, jobs, metadata, storages, retention, logger, metrics: metrics.cleaning});
	opened.defer(() => plugins.close());
	await plugins.setup({logger, jobs, repositories, events, withinMs: pluginSetupMs});
	const realms = await openRealms({configuration, plugins, logger, audit: audit.log}, opened);
	const authenticator = await openAuthenticator(parts, repositories, realms);
	const readiness = createReadiness(parts, storages);
	const app = createApp({
		configuration,
		repositories,
		authenticator,
		audit: audit.log,
		logger,
		metrics,
		readiness,
		protocols: plugins.protocols,
		pluginRoutes: plugins.routes,
		endpoints: restEndpoints({
			...parts,
			repositories,
			repositoryTypes: plugins.repositoryTypes,
			migrations: plugins.migrations,
			storages,
			jobs,
			authenticator,
			events,
		}),
		validator: parts.validator,
	});
	jobs.start();
	opened.defer(() => jobs.stop());
	const handle = app.callback();
	const closing = opened.move();
	return {
		handler: (request, response) => {
			metadata.arrived();
			void handle(request, response);
		},
		repositories,
		stop: () => readiness.stop(),
		close: () => closing.disposeAsync(),
	};
}

interface Surroundings {
	readonly storages: ReadonlyMap<string, Storage>;
	readonly events: EventBus;
	readonly jobs: JobRunner;
	readonly transfers: BlobTransfers;
}

async function openRepositories(parts: ApplicationParts, surroundings: Surroundings): Promise<RepositorySet> {
	const {configuration, plugins, validator, metadata, logger} = parts;
	return RepositorySet.open({
		...surroundings,
		metadata,
		types: plugins.repositoryTypes,
		completeOptions: (schema, options) => validator.complete(schema, options),
		hashes: new LiveHashes(),
		logger,
		gracePeriodMs: configuration.gracePeriodSeconds * 1000,
		openUploadsPerUser: configuration.uploads.openPerUser,
	});
}

async function openAuthenticator(
	{configuration, metadata, logger}: ApplicationParts,
	repositories: RepositorySet,
	realms: readonly ExternalRealm[],
): Promise<Authenticator> {
	const {anonymousRead, tokens} = configuration;
	return Authenticator.open({
		metadata,
		logger,
		anonymousRead,
		realms,
		tokenLifetimeSeconds: tokens.lifetimeSeconds,
		classOf: key => repositories.classOf(key),
		membersOf: key => repositories.membersOf(key),
		otherNameOf: repositories.otherNameOf,
	});
}

function createReadiness({metadata, logger}: ApplicationParts, storages: ReadonlyMap<string, Storage>): Readiness {
	const checks = [...storages.values()].map(storage => ({
		name: `storage "${storage.name}"`,
		check: async (options: {readonly signal: AbortSignal}) => storage.check(options),
	}));
	return new Readiness({
		checks: [{name: 'database', check: async options => metadata.check(options)}, ...checks],
		logger,
	});
}
