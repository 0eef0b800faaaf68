import type {Caller} from '../access/caller.ts';
import type {Abortable} from '../types/abortable.ts';
import type {ReadOptions} from './repository.ts';

/**
 * Read options whose signal is taken from `source` each time that somebody looks at it, so that it need not be made
 * before. A copy of them has the signal as well.
 */
export class LazyReadOptions implements ReadOptions {
	// One getter for all of them: V8 makes a hidden class for each other one, which lives, with what the getter knows,
	// until the next full collection.
	static readonly #signal = {
		enumerable: true,
		get(this: LazyReadOptions): AbortSignal | undefined {
			return this.#source.signal;
		},
	};
	readonly caller: Caller;
	readonly storedOnly: boolean | undefined;
	readonly revalidate: boolean | undefined;
	readonly namespace: string | undefined;
	readonly peek: boolean | undefined;
	declare readonly signal: AbortSignal | undefined;
	readonly #source: Abortable;

	constructor({caller, storedOnly, revalidate, namespace, peek}: Omit<ReadOptions, 'signal'>, source: Abortable) {
		this.caller = caller;
		this.storedOnly = storedOnly;
		this.revalidate = revalidate;
		this.namespace = namespace;
		this.peek = peek;
		this.#source = source;
		Object.defineProperty(this, 'signal', LazyReadOptions.#signal);
	}
}
