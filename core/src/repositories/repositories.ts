import type {Repository} from './repository.ts';

/** Every configured repository of this server, by key. Definitions are rows; a change on one node is seen by all within a second. */
export interface Repositories {
	/** Undefined when there is none of that key. A map look-up unless it was never used before. */
	get(key: string): Promise<Repository | undefined>;
	/** The repository if it was used before, without a promise; undefined says nothing: `get` makes it if there is one. */
	find(key: string): Repository | undefined;
	/** Whether there is one of that key. */
	has?(key: string): boolean;
	/** All keys, sorted; those of caches too. */
	keys(): Promise<readonly string[]>;
	/**
	 * Key of the repository to ask for what a client knows by `host` (`docker.io`, `ghcr.io`): `key`, if there is such a
	 * repository and it is not known to serve other hosts only, or, without one, the first that serves it.
	 */
	findMirror?(host: string, key?: string): string | undefined;
	/** Whether the repository `key`, or the one whose cache that is, is known to serve what a client knows by `host`. */
	isMirror?(host: string, key: string): boolean;
}
