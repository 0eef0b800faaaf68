import type {OtherNameOf} from '../access/other-name.ts';
import type {RepositoryClass} from '../access/permission-target.ts';
import {BlobTransfers} from '../blobs/copy-through/blob-transfers.ts';
import type {JobRegistrar} from '../jobs/job-registrar.ts';
import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import {RegistryError} from '../oci/registry-error.ts';
import {ConfiguredRepository} from './configured-repository.ts';
import {type RepositoryParts, createRepository} from './create-repository.ts';
import {dependenciesOf} from './definition-options.ts';
import {findDependencyCircle} from './dependency-circle.ts';
import {leafDependencies} from './leaf-dependencies.ts';
import {findOtherNames} from './other-names.ts';
import type {Repositories} from './repositories.ts';
import {RepositoryJobs} from './repository-jobs.ts';
import {cacheSuffix} from './repository-key.ts';
import type {Repository} from './repository.ts';
import {type Mirrors, findMirrors} from './mirrors.ts';

export interface RepositorySetParts extends RepositoryParts {
	readonly jobs: JobRegistrar;
	/** How often the database is asked for changes made by other nodes; 500 unless told. */
	readonly pollMs?: number;
	/** How long running calls of a repository that was changed or deleted may take to end; 60,000 unless told. */
	readonly closeWithinMs?: number;
}

/** The repositories that the rows define, each made when it is first asked for. */
export class RepositorySet implements Repositories {
	readonly #parts: RepositorySetParts;
	readonly #ownTransfers: BlobTransfers | undefined;
	readonly #jobs: RepositoryJobs;
	readonly #closings = new Set<Promise<void>>();
	#repositories: ReadonlyMap<string, ConfiguredRepository> = new Map();
	#mirrors: Mirrors = new Map();
	/** Worked out when they are asked for. */
	#members = new Map<string, readonly string[]>();
	#otherNames = new Map<string, ReturnType<typeof findOtherNames>>();
	#revision: number | undefined;
	#refreshing: Promise<void> = Promise.resolve();
	#timer: NodeJS.Timeout | undefined;
	#closed = false;

	private constructor(parts: RepositorySetParts) {
		this.#ownTransfers = parts.transfers === undefined ? new BlobTransfers() : undefined;
		this.#parts = {transfers: this.#ownTransfers, ...parts};
		this.#jobs = new RepositoryJobs(parts.jobs);
	}

	/** Reads the definitions and keeps them current until `close`. */
	static async open(parts: RepositorySetParts): Promise<RepositorySet> {
		const set = new RepositorySet(parts);
		await set.refresh();
		set.#pollLater();
		return set;
	}

	has(key: string): boolean {
		return this.#repositories.has(key) || this.#ownerOfCache(key) !== undefined;
	}

	find(key: string): Repository | undefined {
		const configured = this.#repositories.get(key);
		return configured === undefined ? this.#ownerOfCache(key)?.opened?.cache : configured.opened;
	}

	/** Rejects with `UNAVAILABLE` when the definition makes no repository: its plugin or storage is gone, for instance. */
	async get(key: string): Promise<Repository | undefined> {
		const configured = this.#repositories.get(key);
		if (configured !== undefined) {
			return configured.opened ?? this.#open(configured);
		}
		const owner = this.#ownerOfCache(key);
		return owner && (owner.opened ?? (await this.#open(owner))).cache;
	}

	async keys(): Promise<readonly string[]> {
		const keys = [...this.#repositories.keys()];
		const caches = keys.map(key => `${key}${cacheSuffix}`).filter(key => this.#ownerOfCache(key) !== undefined);
		return [...new Set([...keys, ...caches])].toSorted();
	}

	findMirror(host: string, key?: string): string | undefined {
		if (key === undefined) {
			return [...this.#mirrors].find(([, hosts]) => hosts.includes(host))?.[0];
		}
		return this.has(key) && this.#hostsOf(key)?.includes(host) !== false ? key : undefined;
	}

	isMirror(host: string, key: string): boolean {
		return this.#hostsOf(key)?.includes(host) === true;
	}

	/** Keys of all that a repository is made of, behind those that are made of others themselves. None for any other key. */
	membersOf(key: string): readonly string[] {
		const known = this.#members.get(key);
		if (known !== undefined) {
			return known;
		}
		const members = leafDependencies(key, one => this.#dependenciesOf(one));
		if (this.#repositories.has(key)) {
			this.#members.set(key, members);
		}
		return members;
	}

	/** For who decides about an image by its name: a repository and its cache may know it by another one too. */
	readonly otherNameOf: OtherNameOf = (key, image) => {
		if (this.#otherNames.has(key)) {
			return this.#otherNames.get(key)?.(image);
		}
		const configured = this.#repositories.get(key) ?? this.#ownerOfCache(key);
		const names = configured && findOtherNames(configured.definition, this.#parts);
		if (configured !== undefined) {
			this.#otherNames.set(key, names);
		}
		return names?.(image);
	};

	/** What kind of thing the repository of that key is; undefined when there is none. */
	classOf(key: string): RepositoryClass | undefined {
		const configured = this.#repositories.get(key) ?? this.#ownerOfCache(key);
		const type = configured && this.#parts.types.get(configured.definition.type);
		if (type === undefined) {
			return undefined;
		}
		return type.cached === true ? 'remote' : type.dependencies === undefined ? 'local' : 'virtual';
	}

	/** Takes up changes of the definitions now: for who has just made one. */
	refresh(): Promise<void> {
		this.#refreshing = this.#refreshing.catch(() => undefined).then(() => this.#refresh());
		return this.#refreshing;
	}

	/** Keys of the circle that saving this definition would close; undefined when it may be saved. */
	findCircle(definition: Pick<RepositoryDefinition, 'key' | 'type' | 'options'>): readonly string[] | undefined {
		const dependencies = dependenciesOf(definition, this.#parts);
		return findDependencyCircle(definition.key, dependencies, key => this.#dependenciesOf(key));
	}

	/** Lets running calls end as `closeWithinMs` says, then closes every repository. */
	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		await this.#refreshing.catch(() => undefined);
		const repositories = this.#repositories;
		this.#repositories = new Map();
		for (const configured of repositories.values()) {
			this.#retire(configured);
		}
		await this.#ownTransfers?.close();
		await Promise.all(this.#closings);
	}

	/** The repository whose cache has this key. One that is defined by the key itself comes before. */
	#ownerOfCache(key: string): ConfiguredRepository | undefined {
		const owner = key.endsWith(cacheSuffix) ? this.#repositories.get(key.slice(0, -cacheSuffix.length)) : undefined;
		return owner !== undefined && this.#parts.types.get(owner.definition.type)?.cached === true ? owner : undefined;
	}

	/** Undefined for who is not known to serve any, and where there is no such repository. */
	#hostsOf(key: string): readonly string[] | undefined {
		const configured = this.#repositories.get(key) ?? this.#ownerOfCache(key);
		return configured && this.#mirrors.get(configured.definition.key);
	}

	#dependenciesOf(key: string): readonly string[] {
		const configured = this.#repositories.get(key);
		return configured === undefined ? [] : dependenciesOf(configured.definition, this.#parts);
	}

	async #open(configured: ConfiguredRepository): Promise<Repository> {
		try {
			return await configured.open();
		} catch (error) {
			const {key} = configured.definition;
			this.#parts.logger.error({err: error, repository: key}, 'a repository cannot be opened');
			throw new RegistryError('UNAVAILABLE', `the repository "${key}" cannot be opened`, {cause: error});
		}
	}

	async #create(definition: RepositoryDefinition, signal: AbortSignal): Promise<Repository> {
		const circle = this.findCircle(definition);
		if (circle !== undefined) {
			throw new Error(`repository "${definition.key}" is made of itself: ${circle.join(' -> ')}`);
		}
		return createRepository(definition, this.#parts, {repositories: this, jobs: this.#jobs, signal});
	}

	async #refresh(): Promise<void> {
		const {definitions: rows} = this.#parts.metadata;
		// Before the list, so that a change in between is taken up the next time.
		const revision = await rows.revision();
		if (revision === this.#revision) {
			return;
		}
		const before = this.#repositories;
		const after = new Map<string, ConfiguredRepository>();
		for (const definition of await rows.list()) {
			const {key, id, version} = definition;
			const known = before.get(key);
			const same = known?.definition.id === id && known.definition.version === version;
			const create = (definition: RepositoryDefinition, signal: AbortSignal) => this.#create(definition, signal);
			after.set(key, same ? known : new ConfiguredRepository(definition, create));
		}
		this.#repositories = after;
		this.#members = new Map();
		this.#otherNames = new Map();
		const definitions = [...after.values()].map(({definition}) => definition);
		this.#mirrors = findMirrors(definitions, this.#parts);
		this.#revision = revision;
		for (const [key, configured] of before) {
			if (after.get(key) !== configured) {
				this.#retire(configured);
			}
		}
	}

	/** New calls go to its successor already. */
	#retire(configured: ConfiguredRepository): void {
		const {logger, closeWithinMs = 60_000} = this.#parts;
		const closing = configured
			.close(closeWithinMs)
			.catch((error: unknown) => {
				logger.error({err: error, repository: configured.definition.key}, 'a repository could not be closed');
			})
			.finally(() => this.#closings.delete(closing));
		this.#closings.add(closing);
	}

	#pollLater(): void {
		if (!this.#closed) {
			this.#timer = setTimeout(() => void this.#poll(), this.#parts.pollMs ?? 500);
			this.#timer.unref();
		}
	}

	async #poll(): Promise<void> {
		try {
			await this.refresh();
		} catch (error) {
			this.#parts.logger.warn({err: error}, 'could not ask for changes of the repositories');
		}
		this.#pollLater();
	}
}
