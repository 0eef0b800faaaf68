import type {Repository} from './repository.ts';

/** Every configured repository of this server, by key. Definitions are rows; a change on one node is seen by all within a second. */
export interface Repositories {
	/** Undefined when there is none of that key. A map look-up unless it was never used before. */
	get(key: string): Promise<Repository | undefined>;
	/** The repository if it was used before, without a promise; undefined says nothing: `get` makes it if there is one. */
	find(key: string): Repository | undefined;
	/** All keys, sorted. */
	keys(): Promise<readonly string[]>;
}
