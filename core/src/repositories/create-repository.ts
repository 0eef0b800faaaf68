import type {BlobTransfers} from '../blobs/copy-through/blob-transfers.ts';
import type {LiveHashes} from '../blobs/live-hashes.ts';
import {StorageBlobStore} from '../blobs/storage-blob-store.ts';
import type {EventBus} from '../events/event-bus.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import type {Storage} from '../storage/storage.ts';
import type {Logger} from '../types/logger.ts';
import {type DefinitionParts, checkOptions} from './definition-options.ts';
import type {Repositories} from './repositories.ts';
import type {RepositoryJobs} from './repository-jobs.ts';
import type {Repository} from './repository.ts';
import {createRules} from './rules/create-rules.ts';
import {withRules} from './rules/with-rules.ts';
import {withEvents} from './with-events.ts';

export interface RepositoryParts extends DefinitionParts {
	readonly metadata: MetadataStore;
	/** By name. */
	readonly storages: ReadonlyMap<string, Storage>;
	readonly events: EventBus;
	readonly hashes: LiveHashes;
	/** Closed by its owner. One of the set's own unless told. */
	readonly transfers?: BlobTransfers;
	readonly logger: Logger;
	readonly gracePeriodMs: number;
	readonly openUploadsPerUser: number;
}

interface Surroundings {
	readonly repositories: Repositories;
	readonly jobs: RepositoryJobs;
	readonly signal: AbortSignal;
}

/** Makes the repository that a definition describes. Rejects with what an operator has to put right. */
export async function createRepository(
	definition: RepositoryDefinition,
	parts: RepositoryParts,
	{repositories, jobs, signal}: Surroundings,
): Promise<Repository> {
	const {id, key} = definition;
	const {metadata, storages, hashes, transfers, gracePeriodMs, openUploadsPerUser} = parts;
	const {type, options} = checkOptions(definition, parts);
	const storage = storages.get(definition.storage);
	if (storage === undefined) {
		throw new Error(`repository "${key}": storage "${definition.storage}" is not configured`);
	}
	const logger = parts.logger.child({repository: key});
	const rules = createRules(type.rules?.(options) ?? {});
	const created = await type.create(options, {
		key,
		blobs: new StorageBlobStore({
			storage,
			storages,
			metadata,
			repositoryId: id,
			hashes,
			quota: rules.writes.quota,
			transfers,
			logger,
		}),
		records: metadata.repository(id),
		repositories,
		jobs: jobs.of(key, signal),
		logger,
		rules,
		gracePeriodMs,
		openUploadsPerUser,
		signal,
	});
	const repository = withRules(created, rules);
	// One made of others passes calls on to them, and they tell.
	return type.dependencies === undefined ? withEvents(repository, parts.events) : repository;
}
