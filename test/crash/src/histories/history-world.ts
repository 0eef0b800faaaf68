import {Readable} from 'node:stream';
import {
	type Caller,
	EventBus,
	type ImageName,
	ImagePromotion,
	type ImageReference,
	ImageRemoval,
	type MemoryBackend,
	type MetadataStore,
	type Repository,
	type RepositoryDefinition,
	type RepositoryType,
	Retention,
	type RetentionRule,
	collectUnheldBlobs,
	createMemoryBackend,
	createMemoryDriver,
	sweepUnknownObjects,
} from '@stowage/core';
import {type DatabaseOptions, openMetadata} from '@stowage/core/metadata';
import {type Content, type TestHost, createTestHost, silentLogger} from '@stowage/testing';
import {historyRules} from './history-rules.ts';
import {repositories as repositoryCount} from './history.ts';

/** Everything is older than that. */
const noTime = -60_000;

const repositoryOf = (index: number) => ({
	storage: index === repositoryCount - 1 ? 'far' : 'near',
	...(index === historyRules.repository && {options: historyRules.options}),
});

export interface HistoryWorldOptions {
	/** How many see it. */
	readonly processes: number;
	/** None unless told: a collection takes whatever nobody holds at the moment. */
	readonly gracePeriodMs?: number;
}

type Parts = Pick<HistoryWorld, 'backends' | 'metadata' | 'host' | 'definitions' | 'gracePeriodMs'>;

/** What one process does with the rows and objects that all share. */
export class HistoryWorld {
	readonly backends: ReadonlyMap<string, MemoryBackend>;
	readonly metadata: MetadataStore;
	readonly host: TestHost;
	readonly definitions: readonly RepositoryDefinition[];
	readonly gracePeriodMs: number;
	readonly #promotion: ImagePromotion;
	readonly #removal: ImageRemoval;

	private constructor(parts: Parts) {
		this.backends = parts.backends;
		this.metadata = parts.metadata;
		this.host = parts.host;
		this.definitions = parts.definitions;
		this.gracePeriodMs = parts.gracePeriodMs;
		const {metadata, host} = parts;
		const events = new EventBus(silentLogger);
		this.#promotion = new ImagePromotion({...host, metadata, events, logger: silentLogger});
		this.#removal = new ImageRemoval({metadata, events});
	}

	/** Two repositories on one storage, one of them with rules, and one on another: seen by so many processes. */
	static async open(
		database: DatabaseOptions,
		{processes, gracePeriodMs}: HistoryWorldOptions,
	): Promise<readonly HistoryWorld[]> {
		const backends = new Map(['near', 'far'].map(name => [name, createMemoryBackend()]));
		const keys = Array.from({length: repositoryCount}, (_, index) => `repository-${index}`);
		const worlds: HistoryWorld[] = [];
		for (let count = 0; count < processes; count++) {
			const metadata = await openMetadata(database);
			const host = await createTestHost({
				metadata,
				storages: [...backends.keys()],
				openDriver: async name => createMemoryDriver(backends.get(name)),
				repositories: count > 0 ? {} : Object.fromEntries(keys.map((key, index) => [key, repositoryOf(index)])),
				gracePeriodMs,
			});
			const definitions = await metadata.definitions.list();
			worlds.push(new HistoryWorld({backends, metadata, host, definitions, gracePeriodMs: gracePeriodMs ?? noTime}));
		}
		return worlds;
	}

	get caller(): Caller {
		return this.host.caller;
	}

	async repository(number: number): Promise<Repository> {
		return (await this.host.repositories.get(this.#definition(number).key)) as Repository;
	}

	async pushBlobs(number: number, image: ImageName, blobs: readonly Content[]): Promise<void> {
		const {writer} = await this.repository(number);
		for (const blob of blobs) {
			const upload = await writer?.startUpload(image, {caller: this.caller});
			await upload?.append(Readable.from([blob.bytes]));
			await upload?.commit(blob.digest);
		}
	}

	async promote(from: ImageReference, to: ImageReference, copy: boolean): Promise<void> {
		await this.#promotion.promote(from, to, {by: 'somebody', copy, demand: () => undefined});
	}

	get removal(): ImageRemoval {
		return this.#removal;
	}

	place(number: number, image: ImageName) {
		return {repository: this.#definition(number), image};
	}

	/** Applies a policy to everything. */
	async retain(rules: readonly RetentionRule[]): Promise<void> {
		const {storages} = this.host;
		const retention = new Retention({
			metadata: this.metadata,
			storages,
			removal: this.#removal,
			types: new Map([['local', withPolicies]]),
			completeOptions: (_schema, options) => options,
			commonRules: async () => rules,
			logger: silentLogger,
		});
		const images = retention.run();
		for (let next = await images.next(); next.done !== true; next = await images.next()) {
			// What goes is found gone by the checks.
		}
	}

	/** With `all`, what is younger than the grace period too. */
	async collect({all}: {readonly all: boolean} = {all: false}): Promise<void> {
		const {storages} = this.host;
		await collectUnheldBlobs({
			metadata: this.metadata,
			storages,
			logger: silentLogger,
			gracePeriodMs: all ? noTime : this.gracePeriodMs,
			batch: 7,
		});
	}

	async sweep(): Promise<void> {
		for (const storage of this.host.storages.values()) {
			await sweepUnknownObjects({metadata: this.metadata, storage, gracePeriodMs: noTime, pauseMs: 0, batch: 7});
		}
	}

	async close(): Promise<void> {
		await this.host.close();
		await this.metadata.close();
	}

	#definition(number: number): RepositoryDefinition {
		return this.definitions[number] as RepositoryDefinition;
	}
}

const withPolicies: RepositoryType = {
	type: 'local',
	options: {},
	rules: options => ({...options, retention: []}),
	create: async () => Promise.reject(new Error('is never made here')),
};
