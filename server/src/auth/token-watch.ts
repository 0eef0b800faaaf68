import type {AccessTokenRecord, AccessTokenRecords, Logger} from '@stowage/core';
import {LRUCache} from 'lru-cache';
import {Watched} from './watched.ts';

const rememberedTokens = 10_000;

/** What is known of a token's row: undefined once it was revoked. */
export type WatchedToken = Watched<AccessTokenRecord | undefined>;

/** Keeps an eye on the rows of access tokens that are remembered: one that is revoked on any node is refused within five seconds. */
export class TokenWatch {
	readonly #tokens: Pick<AccessTokenRecords, 'find'>;
	readonly #logger: Logger;
	readonly #now: () => number;
	readonly #watched = new LRUCache<string, WatchedToken>({max: rememberedTokens});

	constructor(tokens: Pick<AccessTokenRecords, 'find'>, logger: Logger, now: () => number) {
		this.#tokens = tokens;
		this.#logger = logger;
		this.#now = now;
	}

	/** What was read before is not relied on any more: for who has just made a change. */
	expire(): void {
		for (const watched of this.#watched.values()) {
			watched.expire();
		}
	}

	/** The token of that id, as the row was at most four seconds ago. */
	async find(id: string): Promise<WatchedToken> {
		const known = this.#watched.get(id);
		if (known !== undefined) {
			await known.refresh();
			return known;
		}
		const read = () => this.#tokens.find(id);
		const watched = await Watched.open({what: 'an access token', read, logger: this.#logger, now: this.#now});
		if (watched.value !== undefined) {
			this.#watched.set(id, watched);
		}
		return watched;
	}
}
