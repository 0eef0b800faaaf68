import type {Json} from '../types/json.ts';

/** What an operator said a repository is. */
export interface RepositoryDefinition {
	/** Never used twice, unlike the key of a repository that was deleted. */
	readonly id: number;
	readonly key: string;
	/** The word after `type:`. */
	readonly type: string;
	/** Name of the storage that its blobs go to. */
	readonly storage: string;
	readonly description: string;
	/** As the type's schema has them. */
	readonly options: {readonly [name: string]: Json};
	/** What was said of it that its type does not know, kept to be shown again. */
	readonly attributes?: {readonly [name: string]: Json};
	/** Grows by one with every change. */
	readonly version: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
}

export type NewRepositoryDefinition = Omit<RepositoryDefinition, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

export interface RepositoryDefinitions {
	/** All of them, by key. */
	list(): Promise<readonly RepositoryDefinition[]>;
	find(key: string): Promise<RepositoryDefinition | undefined>;
	/** Throws `ConflictError` when the key is taken. */
	insert(definition: NewRepositoryDefinition): Promise<RepositoryDefinition>;
	/** Throws `ConflictError` unless `definition.version` is the stored one. */
	update(definition: RepositoryDefinition): Promise<RepositoryDefinition>;
	/**
	 * With everything in it: images, manifests, tags, holds and uploads; no permission target names its key any more. False
	 * when it was not there.
	 */
	delete(id: number): Promise<boolean>;
	/** Within a transaction: nobody else changes a definition until it ends, so that several can be checked together. */
	lock(): Promise<void>;
	/** Another number after every insert, update and delete: cheap to ask for often, on any node. */
	revision(): Promise<number>;
}
