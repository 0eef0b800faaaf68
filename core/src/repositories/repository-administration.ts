import {ConflictError} from '../metadata/conflict-error.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {NewRepositoryDefinition, RepositoryDefinition} from '../metadata/repository-definitions.ts';
import {checkDefinition} from './check-definition.ts';
import {DefinitionError} from './definition-error.ts';
import {type DefinitionParts, checkOptions, dependenciesOf} from './definition-options.ts';
import {cacheSuffix, findKeyProblem} from './repository-key.ts';

export interface RepositoryAdministrationParts extends DefinitionParts {
	readonly metadata: MetadataStore;
	/** Names of the configured storages. */
	readonly storages: Pick<ReadonlySet<string>, 'has'>;
	/** Called after a change, so that this process serves it at once; others see it within a second. */
	readonly changed: () => Promise<void>;
}

/** A key is taken. */
export class RepositoryExistsError extends Error {
	override readonly name = 'RepositoryExistsError';
	readonly code = 'REPOSITORY_EXISTS';
	readonly key: string;

	constructor(key: string, options?: ErrorOptions) {
		super(`there is a repository "${key}" already`, options);
		this.key = key;
	}
}

/** There is no repository of a key. */
export class RepositoryUnknownError extends Error {
	override readonly name = 'RepositoryUnknownError';
	readonly code = 'REPOSITORY_UNKNOWN';
	readonly key: string;

	constructor(key: string) {
		super(`there is no repository "${key}"`);
		this.key = key;
	}
}

/** A change of a definition: everything but its key, which stays. */
export type DefinitionChange = (current: RepositoryDefinition) => Omit<NewRepositoryDefinition, 'key'>;

export type CompleteDefinition = (
	wanted: NewRepositoryDefinition,
	current: RepositoryDefinition | undefined,
) => NewRepositoryDefinition;

export interface SavedRepositories {
	readonly created: readonly RepositoryDefinition[];
	readonly updated: readonly RepositoryDefinition[];
}

/**
 * Makes, changes and deletes repositories, whoever asks: REST, console or command line. Each call is one transaction in
 * which nobody else changes a definition, so that what was checked together stays so.
 */
export class RepositoryAdministration {
	readonly #parts: RepositoryAdministrationParts;

	constructor(parts: RepositoryAdministrationParts) {
		this.#parts = parts;
	}

	/** All of them or none; they may be made of one another. Rejects with `DefinitionError` or `RepositoryExistsError`. */
	create(definitions: readonly NewRepositoryDefinition[]): Promise<readonly RepositoryDefinition[]> {
		return this.#change(async store => {
			const created: RepositoryDefinition[] = [];
			for (const definition of definitions) {
				created.push(await insert(store, definition));
			}
			await this.#checkAll(store, definitions);
			return created;
		});
	}

	/**
	 * Makes those that do not exist and changes the others, all or none. `complete` is asked for each with what there is of
	 * its key; the type of one that exists stays. Rejects with `DefinitionError`.
	 */
	save(wanted: readonly NewRepositoryDefinition[], complete: CompleteDefinition): Promise<SavedRepositories> {
		return this.#change(async store => {
			const saved = {created: [] as RepositoryDefinition[], updated: [] as RepositoryDefinition[]};
			for (const definition of wanted) {
				const current = await store.definitions.find(definition.key);
				const completed = complete(definition, current);
				if (current === undefined) {
					saved.created.push(await insert(store, completed));
					continue;
				}
				if (current.type !== completed.type) {
					const message = `"${current.key}" is ${current.type} and stays so`;
					throw new DefinitionError(current.key, [{path: '/type', message}]);
				}
				saved.updated.push(await store.definitions.update({...current, ...completed}));
			}
			await this.#checkAll(store, [...saved.created, ...saved.updated]);
			return saved;
		});
	}

	/** All of them or none. Rejects with `DefinitionError` or `RepositoryUnknownError`. */
	update(changes: ReadonlyMap<string, DefinitionChange>): Promise<readonly RepositoryDefinition[]> {
		return this.#change(async store => {
			const updated: RepositoryDefinition[] = [];
			for (const [key, change] of changes) {
				const current = await store.definitions.find(key);
				if (current === undefined) {
					throw new RepositoryUnknownError(key);
				}
				updated.push(await store.definitions.update({...current, ...change(current)}));
			}
			await this.#checkAll(store, updated);
			return updated;
		});
	}

	/**
	 * Deletes a repository with everything in it, and takes it out of those that are made of it. Rejects with
	 * `RepositoryUnknownError`, and with `DefinitionError` when one that is made of it can have no part taken out.
	 */
	delete(key: string): Promise<RepositoryDefinition> {
		return this.#change(async store => {
			const definition = await store.definitions.find(key);
			if (definition === undefined) {
				throw new RepositoryUnknownError(key);
			}
			for (const other of await store.definitions.list()) {
				if (dependenciesOf(other, this.#parts).includes(key)) {
					await store.definitions.update({...other, options: this.#without(other, key)});
				}
			}
			await store.definitions.delete(definition.id);
			return definition;
		});
	}

	async #change<Result>(work: (store: MetadataStore) => Promise<Result>): Promise<Result> {
		const result = await this.#parts.metadata.transaction(async store => {
			await store.definitions.lock();
			return work(store);
		});
		await this.#parts.changed();
		return result;
	}

	#without(definition: RepositoryDefinition, key: string): RepositoryDefinition['options'] {
		const {type, options} = checkOptions(definition, this.#parts);
		if (type.without === undefined) {
			throw new DefinitionError(key, `"${definition.key}" is made of it: change or delete that first`);
		}
		return {...definition.options, ...type.without(options, key)};
	}

	async #checkAll(store: MetadataStore, definitions: readonly NewRepositoryDefinition[]): Promise<void> {
		const existing = await store.definitions.list();
		for (const definition of definitions) {
			const others = existing.filter(({key}) => key !== definition.key);
			checkDefinition(definition, others, this.#parts);
			this.#checkStorage(definition);
			this.#checkMembers(definition, others);
			this.#checkCacheKeys(definition, others);
		}
	}

	#checkStorage({key, storage}: NewRepositoryDefinition): void {
		if (!this.#parts.storages.has(storage)) {
			throw new DefinitionError(key, [{path: '/storage', message: `there is no storage "${storage}"`}]);
		}
	}

	#checkMembers(definition: NewRepositoryDefinition, others: readonly RepositoryDefinition[]): void {
		const missing = dependenciesOf(definition, this.#parts).filter(key => !others.some(other => other.key === key));
		if (missing.length > 0) {
			const words = missing.map(key => `"${key}"`).join(', ');
			const message = `there is no repository ${words}`;
			throw new DefinitionError(definition.key, [{path: '/repositories', message}]);
		}
	}

	#checkCacheKeys({key, type}: NewRepositoryDefinition, others: readonly RepositoryDefinition[]): void {
		const isCacheOf = (cache: string, repository: {readonly key: string; readonly type: string}) =>
			cache === repository.key + cacheSuffix && this.#parts.types.get(repository.type)?.cached === true;
		const other = others.find(other => isCacheOf(key, other) || isCacheOf(other.key, {key, type}));
		if (other !== undefined) {
			const message = `"${key}" and "${other.key}" cannot both be: one is the name of the other's cache`;
			throw new DefinitionError(key, [{path: '/key', message}]);
		}
	}
}

async function insert(store: MetadataStore, definition: NewRepositoryDefinition): Promise<RepositoryDefinition> {
	const problem = findKeyProblem(definition.key);
	if (problem !== undefined) {
		throw new DefinitionError(definition.key, [{path: '/key', message: problem}]);
	}
	if ((await store.definitions.find(definition.key)) !== undefined) {
		throw new RepositoryExistsError(definition.key);
	}
	try {
		return await store.definitions.insert(definition);
	} catch (error) {
		throw error instanceof ConflictError ? new RepositoryExistsError(definition.key, {cause: error}) : error;
	}
}
