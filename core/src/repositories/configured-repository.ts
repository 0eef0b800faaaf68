import {setTimeout as sleep} from 'node:timers/promises';
import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import type {Repository} from './repository.ts';
import {RunningCalls} from './running-calls.ts';
import {withRunningCalls} from './with-running-calls.ts';

export type CreateRepository = (definition: RepositoryDefinition, signal: AbortSignal) => Promise<Repository>;

/** One definition and, once somebody has asked for it, the repository that it makes. */
export class ConfiguredRepository {
	readonly definition: RepositoryDefinition;
	readonly #create: CreateRepository;
	readonly #calls = new RunningCalls();
	readonly #closing = new AbortController();
	#opening: Promise<Repository> | undefined;
	#opened: Repository | undefined;

	constructor(definition: RepositoryDefinition, create: CreateRepository) {
		this.definition = definition;
		this.#create = create;
	}

	/** Undefined until it has been opened. */
	get opened(): Repository | undefined {
		return this.#opened;
	}

	/** A try that fails is made again by the next caller. */
	open(): Promise<Repository> {
		this.#opening ??= this.#open();
		return this.#opening;
	}

	/** Lets running calls end within `withinMs`, then aborts the repository's signal and closes it. */
	async close(withinMs: number): Promise<void> {
		const waited = new AbortController();
		const tooLong = sleep(withinMs, undefined, {signal: waited.signal}).catch(() => undefined);
		await Promise.race([this.#calls.idle(), tooLong]);
		waited.abort();
		this.#closing.abort(new Error(`repository "${this.definition.key}" was closed`));
		await (await this.#opening?.catch(() => undefined))?.close?.();
	}

	async #open(): Promise<Repository> {
		try {
			const created = await this.#create(this.definition, this.#closing.signal);
			this.#opened = withRunningCalls(created, this.#calls);
			return this.#opened;
		} catch (error) {
			this.#opening = undefined;
			throw error;
		}
	}
}
