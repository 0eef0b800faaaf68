import type {Logger, UserRecord, UserRecords} from '@stowage/core';
import {LRUCache} from 'lru-cache';
import type {UserIdentity} from './authenticated.ts';

/** From this age on a user's row is read again, without anybody waiting for it. */
const refreshAfterMs = 2000;
/** From this age on what is known of a user is not relied on. */
const staleAfterMs = 4000;
const rememberedUsers = 10_000;

/** What is known of a user's row. */
export interface WatchedUser {
	readonly name: string;
	/** Undefined when there is no such user. */
	record: UserRecord | undefined;
	/** Milliseconds since 1970. */
	readAt: number;
	reading?: Promise<void>;
}

/** Keeps an eye on the rows of users whose credentials are remembered: a change on any node is seen within five seconds. */
export class UserWatch {
	readonly #users: UserRecords;
	readonly #logger: Logger;
	readonly #now: () => number;
	readonly #watched = new LRUCache<string, WatchedUser>({max: rememberedUsers});

	constructor(users: UserRecords, logger: Logger, now: () => number) {
		this.#users = users;
		this.#logger = logger;
		this.#now = now;
	}

	/** The user of that name, as the row was at most four seconds ago. */
	async find(name: string): Promise<WatchedUser> {
		const watched = this.#watched.get(name) ?? {name, record: undefined, readAt: 0};
		if (this.#now() - watched.readAt >= staleAfterMs) {
			await this.#read(watched);
		}
		return watched;
	}

	/** Takes over a row that was just read or written. */
	watch(record: UserRecord): WatchedUser {
		const watched = this.#watched.get(record.name) ?? {name: record.name, record, readAt: 0};
		if (!isBehind(record, watched.record)) {
			watched.record = record;
			watched.readAt = this.#now();
		}
		this.#watched.set(record.name, watched);
		return watched;
	}

	/** Whether the row is still the one of `identity` and not disabled. Not a promise unless it has to be read first. */
	isCurrent(watched: WatchedUser, identity: UserIdentity): boolean | Promise<boolean> {
		const age = this.#now() - watched.readAt;
		if (age >= staleAfterMs || isBehind(watched.record, identity)) {
			return this.#read(watched).then(() => isSame(watched.record, identity));
		}
		if (age >= refreshAfterMs && watched.reading === undefined) {
			this.#read(watched).catch((error: unknown) => {
				this.#logger.warn({error, user: watched.name}, 'reading a signed-in user again failed');
			});
		}
		return isSame(watched.record, identity);
	}

	#read(watched: WatchedUser): Promise<void> {
		watched.reading ??= this.#readNow(watched).finally(() => {
			watched.reading = undefined;
		});
		return watched.reading;
	}

	async #readNow(watched: WatchedUser): Promise<void> {
		const askedAt = this.#now();
		const record = await this.#users.find(watched.name);
		if (record !== undefined && isBehind(record, watched.record)) {
			return;
		}
		watched.record = record;
		watched.readAt = askedAt;
		if (record !== undefined) {
			this.#watched.set(watched.name, watched);
		}
	}
}

/** Whether `record` was read before the state of the user that `identity` speaks of, perhaps on another node. */
function isBehind(record: UserRecord | undefined, identity: UserIdentity | undefined): boolean {
	if (record === undefined || identity === undefined) {
		return record === undefined && identity !== undefined;
	}
	return record.id < identity.id || (record.id === identity.id && record.version < identity.version);
}

function isSame(record: UserRecord | undefined, {id, version}: UserIdentity): boolean {
	return record !== undefined && record.id === id && record.version === version && !record.disabled;
}
