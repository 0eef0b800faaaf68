import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import type {BlobRecord, CollectionRecords, ReleasedHolds} from '../blob-records.ts';
import type {SqliteOptions} from '../database-options.ts';

type ParametersOf<Name extends keyof CollectionRecords> = Parameters<CollectionRecords[Name]>;

export interface CollectionCall {
	readonly id: number;
	readonly call:
		| {readonly name: 'releaseUnreferenced'; readonly parameters: ParametersOf<'releaseUnreferenced'>}
		| {readonly name: 'takeUnheld'; readonly parameters: ParametersOf<'takeUnheld'>};
}

export type CollectionAnswer =
	| {readonly id: number; readonly result: ReleasedHolds | readonly BlobRecord[]}
	| {readonly id: number; readonly failure: string};

/** The thread that collects could not do what it was told. */
export class CollectionThreadError extends Error {
	override readonly name = 'CollectionThreadError';
	readonly code = 'COLLECTION_THREAD';
}

interface Waiting {
	readonly resolve: (result: never) => void;
	readonly reject: (error: Error) => void;
}

/**
 * Collects in a SQLite file from a thread of its own: SQLite keeps whoever commits waiting for the disk, and nobody who is
 * served by this process is to wait with it. Made for one collection and closed after it.
 */
export class CollectionThread implements CollectionRecords {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	readonly #ended: Promise<unknown>;
	#lastId = 0;
	#failure: Error | undefined;

	constructor(options: SqliteOptions) {
		this.#worker = new Worker(new URL(import.meta.resolve('@stowage/core/collection-worker')), {
			workerData: options,
			resourceLimits: {maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4},
		});
		this.#worker.on('message', (answer: CollectionAnswer) => this.#settle(answer));
		this.#worker.on('error', error => this.#fail(new CollectionThreadError(String(error), {cause: error})));
		this.#worker.on('exit', () => this.#fail(new CollectionThreadError('the thread that collects has ended')));
		this.#ended = once(this.#worker, 'exit').catch(() => undefined);
	}

	releaseUnreferenced(...parameters: ParametersOf<'releaseUnreferenced'>): Promise<ReleasedHolds> {
		return this.#call({name: 'releaseUnreferenced', parameters});
	}

	takeUnheld(...parameters: ParametersOf<'takeUnheld'>): Promise<readonly BlobRecord[]> {
		return this.#call({name: 'takeUnheld', parameters});
	}

	/** To be called when no call is under way. Resolves when the thread has ended. */
	async close(): Promise<void> {
		this.#worker.postMessage('close', []);
		await this.#ended;
	}

	#call<Result>(call: CollectionCall['call']): Promise<Result> {
		const {promise, resolve, reject} = Promise.withResolvers<Result>();
		if (this.#failure !== undefined) {
			reject(this.#failure);
			return promise;
		}
		this.#lastId += 1;
		this.#waiting.set(this.#lastId, {resolve, reject});
		this.#worker.postMessage({id: this.#lastId, call} satisfies CollectionCall, []);
		return promise;
	}

	#settle(answer: CollectionAnswer): void {
		const waiting = this.#waiting.get(answer.id);
		this.#waiting.delete(answer.id);
		if ('failure' in answer) {
			waiting?.reject(new CollectionThreadError(answer.failure));
		} else {
			waiting?.resolve(answer.result as never);
		}
	}

	#fail(error: Error): void {
		this.#failure ??= error;
		for (const {reject} of this.#waiting.values()) {
			reject(this.#failure);
		}
		this.#waiting.clear();
	}
}
