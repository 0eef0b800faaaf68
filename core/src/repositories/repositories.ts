import type {Repository} from './repository.ts';

/** Every configured repository of this server, by key. Definitions are rows; a change on one node is seen by all within a second. */
export interface Repositories {
	/** Undefined when there is none of that key. A map look-up unless it was never used before. */
	get(key: string): Promise<Repository | undefined>;
	/** All keys, sorted. */
	keys(): Promise<readonly string[]>;
}
