import type {RepositoryDefinition, RepositoryUsage, StorageUsage} from '@stowage/core';
import type {RestParts} from '../rest-parts.ts';

export interface MeasuredRepository {
	readonly definition: RepositoryDefinition;
	readonly usage: RepositoryUsage;
}

export interface Measured {
	readonly at: Date;
	readonly repositories: readonly MeasuredRepository[];
	readonly storages: readonly StorageUsage[];
}

/** How long sums are shown before they are made anew; `calculate` does so at once. */
const goodForMs = 60_000;

/** What is stored and where. It reads all rows, so one measurement is made at a time, and shown for a while. */
export class StorageSummary {
	readonly #parts: Pick<RestParts, 'metadata'>;
	readonly #now: () => number;
	#last: Measured | undefined;
	#running: Promise<Measured> | undefined;

	constructor(parts: Pick<RestParts, 'metadata'>, {now = Date.now}: {readonly now?: () => number} = {}) {
		this.#parts = parts;
		this.#now = now;
	}

	/** Not older than a minute. */
	async find(): Promise<Measured> {
		const last = this.#last;
		return last !== undefined && this.#now() - last.at.getTime() < goodForMs ? last : this.calculate();
	}

	/** Joins a measurement that is under way. */
	calculate(): Promise<Measured> {
		this.#running ??= this.#measure().finally(() => (this.#running = undefined));
		return this.#running;
	}

	async #measure(): Promise<Measured> {
		const {definitions, usage} = this.#parts.metadata;
		const at = new Date(this.#now());
		const repositories: MeasuredRepository[] = [];
		for (const definition of await definitions.list()) {
			repositories.push({definition, usage: await usage.ofRepository(definition.id)});
		}
		this.#last = {at, repositories, storages: await usage.storages()};
		return this.#last;
	}
}
