import type {
	EventBus,
	JobRunner,
	Logger,
	MetadataStore,
	Migrate,
	OptionsValidator,
	RepositorySet,
	RepositoryType,
	Storage,
} from '@stowage/core';
import type {Authenticator} from '../auth/authenticator.ts';
import type {Configuration} from '../config/configuration.ts';

/** What the endpoints of the REST API work with. */
export interface RestParts {
	readonly configuration: Configuration;
	readonly metadata: MetadataStore;
	readonly repositories: RepositorySet;
	/** By the word after `type:`. */
	readonly repositoryTypes: ReadonlyMap<string, RepositoryType>;
	/** By the word before `migrate`. */
	readonly migrations: ReadonlyMap<string, Migrate>;
	/** By name. */
	readonly storages: ReadonlyMap<string, Storage>;
	readonly jobs: Pick<JobRunner, 'runNow'>;
	readonly authenticator: Authenticator;
	readonly validator: OptionsValidator;
	readonly events: EventBus;
	readonly logger: Logger;
}
