import {LRUCache} from 'lru-cache';
import type {UpstreamError} from './upstream-error.ts';

const remembered = 20_000;

/** What the upstream does not have, or does not show to us, for as long as that counts. */
export class Absences {
	readonly #found = new LRUCache<string, true | UpstreamError>({max: remembered});
	readonly #ttl: number;

	constructor({missedRetrievalCachePeriodSecs}: {readonly missedRetrievalCachePeriodSecs: number}) {
		this.#ttl = missedRetrievalCachePeriodSecs * 1000;
	}

	/** With `refusal`, the upstream did not say more than that. */
	add(name: string, refusal?: UpstreamError): void {
		if (this.#ttl > 0) {
			this.#found.set(name, refusal ?? true, {ttl: this.#ttl});
		}
	}

	delete(name: string): void {
		this.#found.delete(name);
	}

	/** True, or how it was refused. */
	find(name: string): true | UpstreamError | undefined {
		return this.#found.get(name);
	}
}
