import {setTimeout as sleep} from 'node:timers/promises';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';

/** Objects that nobody will ask for again, kept for a while for those who have asked already. */
export class LingeringObjects {
	readonly #storage: Storage;
	readonly #lingerMs: number;
	readonly #logger: Logger;
	readonly #objects: {readonly key: string; readonly since: number}[] = [];
	#left = 0;

	constructor(storage: Storage, {lingerMs, logger}: {readonly lingerMs: number; readonly logger: Logger}) {
		this.#storage = storage;
		this.#lingerMs = lingerMs;
		this.#logger = logger;
	}

	/** How many could not be deleted. */
	get left(): number {
		return this.#left;
	}

	add(key: string): void {
		this.#objects.push({key, since: performance.now()});
	}

	/** Deletes those whose time has come. */
	async deleteOld(): Promise<void> {
		for (let first = this.#objects[0]; first && this.#rest(first.since) <= 0; first = this.#objects[0]) {
			this.#objects.shift();
			await this.#delete(first.key);
		}
	}

	/** Waits for each until its time has come. */
	async deleteAll({signal}: Abortable = {}): Promise<void> {
		for (let first = this.#objects[0]; first; first = this.#objects[0]) {
			await sleep(Math.max(this.#rest(first.since), 0), undefined, {signal});
			await this.deleteOld();
		}
	}

	#rest(since: number): number {
		return since + this.#lingerMs - performance.now();
	}

	async #delete(key: string): Promise<void> {
		try {
			await this.#storage.delete(key);
		} catch (error) {
			this.#left += 1;
			this.#logger.warn({err: error, storage: this.#storage.name, key}, 'an object could not be deleted yet');
		}
	}
}
