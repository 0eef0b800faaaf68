import type {BlobStore} from '../blobs/blob-store.ts';
import type {JobRegistrar} from '../jobs/job-registrar.ts';
import type {RepositoryRecords} from '../metadata/repository-records.ts';
import type {JsonSchema} from '../types/json-schema.ts';
import type {Logger} from '../types/logger.ts';
import type {Repositories} from './repositories.ts';
import type {Repository} from './repository.ts';
import type {RepositoryRules, RuleOptions} from './rules/repository-rules.ts';

export interface RepositoryContext {
	readonly key: string;
	readonly blobs: BlobStore;
	readonly records: RepositoryRecords;
	/** Peers named by `dependencies`, as they are now: repositories are made, changed and deleted while the server runs. */
	readonly repositories: Repositories;
	readonly jobs: JobRegistrar;
	readonly logger: Logger;
	/**
	 * What `RepositoryType.rules` means. Patterns and blackouts are seen to around the repository; one that stores manifests
	 * hands `writes` on with each of them.
	 */
	readonly rules: RepositoryRules;
	/** How long an answer that a blob exists is a promise, in milliseconds. */
	readonly gracePeriodMs: number;
	/** How many uploads one user may have open at a time. */
	readonly openUploadsPerUser: number;
	/** Aborts when the repository is closed: changed, deleted, or the server stops. */
	readonly signal: AbortSignal;
}

export interface RepositoryType<Options extends object = object> {
	/** The word operators write after `type:`. */
	readonly type: string;
	readonly options: JsonSchema;
	/** Keys of the repositories this one is made of. A circle is refused when the definition is saved. */
	dependencies?(options: Options): readonly string[];
	/**
	 * Everything that is wrong with options that fit the schema, at JSON pointers into them; asked when a definition is
	 * saved and when it is used.
	 */
	check?(options: Options): readonly {readonly path: string; readonly message: string}[];
	/** Those of its options that are rules of every repository. They are checked when a definition is saved. */
	rules?(options: Options): RuleOptions;
	/** Whether its repositories have a `cache`: then no other can have the key `<key>-cache`. */
	readonly cached?: boolean;
	/** Hosts, as clients name them, whose content such a repository serves; lower case, with a port that is not the usual one. */
	mirrors?(options: Options): readonly string[];
	/**
	 * The options of the same repository without one of its `dependencies`, for when that is deleted. Without this, what
	 * another repository is made of cannot be deleted.
	 */
	without?(options: Options, key: string): Options;
	create(options: Options, context: RepositoryContext): Promise<Repository>;
}
