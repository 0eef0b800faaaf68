import {
	type Caller,
	EventBus,
	type JobRegistrar,
	type Json,
	LiveHashes,
	type MetadataStore,
	OptionsValidator,
	type Repository,
	RepositorySet,
	type RepositoryType,
	Storage,
	type StorageDriver,
	createMemoryBackend,
	createMemoryDriver,
	everythingCaller,
} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import {localType} from '@stowage/local';
import {silentLogger} from './silent-logger.ts';

export interface TestRepository {
	/** `local` unless told. */
	readonly type?: string;
	readonly options?: Readonly<Record<string, Json>>;
	/** `default` unless told. */
	readonly storage?: string;
}

export interface TestHostOptions {
	/** Beside `local`. */
	readonly types?: readonly RepositoryType[];
	/** By key. One local repository `local` unless told; the first is the host's `repository`. */
	readonly repositories?: Readonly<Record<string, TestRepository>>;
	/** Opens a driver, as every process does, on a backend that all share. Memory unless told. */
	readonly openDriver?: (storage: string) => Promise<StorageDriver>;
	/** Names; one, `default`, unless told. */
	readonly storages?: readonly string[];
	/** Closed by its owner. SQLite in memory, closed with the host, unless told. */
	readonly metadata?: MetadataStore;
	/** A day unless told. */
	readonly gracePeriodMs?: number;
	/** 1,000 unless told. */
	readonly openUploadsPerUser?: number;
}

/** A registry without HTTP: what a repository needs around it. */
export interface TestHost {
	/** The first one. */
	readonly repository: Repository;
	readonly repositories: RepositorySet;
	readonly metadata: MetadataStore;
	/** The one named `default`, or the first. */
	readonly storage: Storage;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly events: EventBus;
	/** May do everything. */
	readonly caller: Caller;
	/** The same rows and bytes as another process sees them: nothing in memory is shared. Closed with this one. */
	another(): Promise<TestHost>;
	close(): Promise<void>;
}

/** A registry in memory with one repository, unless told otherwise. */
export async function createTestHost(options: TestHostOptions = {}): Promise<TestHost> {
	const metadata = options.metadata ?? (await openMetadata({client: 'sqlite', file: ':memory:'}));
	const repositories = options.repositories ?? {local: {}};
	for (const [key, {type = 'local', options: typed = {}, storage}] of Object.entries(repositories)) {
		await metadata.definitions.insert({
			key,
			type,
			storage: storage ?? options.storages?.[0] ?? 'default',
			description: '',
			options: {...typed},
		});
	}
	const host = await openHost(metadata, {...options, repositories, openDriver: options.openDriver ?? memoryDrivers()});
	return {
		...host,
		async close() {
			await host.close();
			if (options.metadata === undefined) {
				await metadata.close();
			}
		},
	};
}

type OpenOptions = TestHostOptions & Required<Pick<TestHostOptions, 'openDriver' | 'repositories'>>;

/** One process's view. */
async function openHost(metadata: MetadataStore, options: OpenOptions): Promise<TestHost> {
	const storages = await openStorages(options);
	const events = new EventBus(silentLogger);
	const repositories = await openRepositories(options, {metadata, storages, events});
	const [first = ''] = Object.keys(options.repositories);
	const others: TestHost[] = [];
	return {
		repository: (await repositories.get(first)) as Repository,
		repositories,
		metadata,
		storage: (storages.get('default') ?? storages.values().next().value) as Storage,
		storages,
		events,
		caller: everythingCaller('tester'),
		async another() {
			const other = await openHost(metadata, options);
			others.push(other);
			return other;
		},
		async close() {
			await Promise.all(others.splice(0).map(other => other.close()));
			await repositories.close();
			await Promise.all([...storages.values()].map(storage => storage.close()));
		},
	};
}

async function openStorages({storages = ['default'], openDriver}: OpenOptions): Promise<ReadonlyMap<string, Storage>> {
	const opened = storages.map(async name => [name, new Storage(name, await openDriver(name))] as const);
	return new Map(await Promise.all(opened));
}

interface Opened {
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly events: EventBus;
}

function openRepositories(options: OpenOptions, opened: Opened): Promise<RepositorySet> {
	const {types = [], gracePeriodMs = 86_400_000, openUploadsPerUser = 1_000} = options;
	const validator = new OptionsValidator();
	return RepositorySet.open({
		...opened,
		types: new Map([localType, ...types].map(type => [type.type, type])),
		completeOptions: (schema, given) => validator.complete(schema, given),
		hashes: new LiveHashes(),
		jobs: noJobs,
		logger: silentLogger,
		gracePeriodMs,
		openUploadsPerUser,
	});
}

/** A test calls the work of a job itself. */
const noJobs: JobRegistrar = {every() {}};

/** Drivers of one name share what they store. */
function memoryDrivers(): (storage: string) => Promise<StorageDriver> {
	const backends = new Map<string, ReturnType<typeof createMemoryBackend>>();
	return async storage => {
		const backend = backends.get(storage) ?? createMemoryBackend();
		backends.set(storage, backend);
		return createMemoryDriver(backend);
	};
}
