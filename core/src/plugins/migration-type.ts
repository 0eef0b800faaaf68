import type {Action} from '../access/action.ts';
import type {Caller} from '../access/caller.ts';
import type {RepositoryRecords} from '../metadata/repository-records.ts';
import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {Repository} from '../repositories/repository.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';

export interface MigrationProgress {
	/** Tags. */
	readonly done: number;
	readonly total: number;
	/** Of layers that were read. */
	readonly bytes: number;
}

export interface MigrationRequest extends Abortable {
	/** Where the images are: a repository of this registry, or a folder of this machine. */
	readonly source: {readonly repository: Repository} | {readonly folder: string};
	/** One that holds things itself. */
	readonly target: Repository;
	/** Private values of the target: what a migration remembers, so that one which is begun again goes on. */
	readonly values: Pick<RepositoryRecords, 'getValue' | 'setValue'>;
	/** All unless told; as the source has it. */
	readonly image?: string;
	/** All unless told. */
	readonly tag?: TagName;
	/** Who migrates: in whose name images are pushed, and whose right to move tags counts. */
	readonly caller: Caller;
	/** Throws unless he may do this. To be asked before it is looked whether anything exists. */
	readonly demand: (action: Action, repository: string, image?: ImageName) => void;
	readonly logger: Logger;
	/** Only looks whether all is there that will be read; writes nothing. */
	readonly dryRun?: boolean;
	readonly onProgress?: (progress: MigrationProgress) => void;
}

export interface MigratedTag {
	/** What it is called in the target. */
	readonly image: ImageName;
	readonly tag: TagName;
	/** Of its manifest there; none of a dry run. */
	readonly digest?: Digest;
	/** Whether it was there already, exactly as it would be made. */
	readonly unchanged: boolean;
}

export interface FailedTag {
	/** As the source has it. */
	readonly image: string;
	/** Left out when the image cannot be looked at at all. */
	readonly tag?: string;
	/** A sentence that may be shown. */
	readonly reason: string;
}

/** What has come of a migration, in the order of the source. */
export interface MigrationReport {
	readonly tags: readonly MigratedTag[];
	readonly failed: readonly FailedTag[];
	/** Layers that were read, and their bytes; for a dry run those that would be. */
	readonly layers: number;
	readonly bytes: number;
}

/** Brings images that are stored in a form of the past to a repository of today. */
export interface MigrationType<Options extends object = object> {
	/** The word before `migrate` in paths and commands. */
	readonly type: string;
	/**
	 * What cannot be brought over is told, and the rest goes on. Rejects with `NAME_UNKNOWN` or `MANIFEST_UNKNOWN` when there
	 * is nothing of what was asked for. `options` are those of the plugin as a whole.
	 */
	migrate(request: MigrationRequest, options: Options): Promise<MigrationReport>;
}
