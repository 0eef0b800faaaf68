import type {Logger, MetadataStore, Principal, UserRecord} from '@stowage/core';
import {LRUCache} from 'lru-cache';
import type {AccessWatch} from './access-watch.ts';
import type {UserIdentity} from './authenticated.ts';
import type {ExternalUsers} from './external/external-users.ts';
import {LiveRights} from './live-rights.ts';

/** From this age on a user's row is read again, without anybody waiting for it. */
const refreshAfterMs = 2000;
/** From this age on what is known of a user is not relied on. */
const staleAfterMs = 4000;
const rememberedUsers = 10_000;

const nobody: Principal = {groups: [], admin: false};

/** What is known of a user's row and groups. */
export interface WatchedUser {
	readonly name: string;
	/** Undefined when there is no such user. */
	record: UserRecord | undefined;
	/** As whom he is given rights; the same object as long as nothing of it changes. */
	principal: Principal;
	/** Milliseconds since 1970. */
	readAt: number;
	reading?: Promise<void>;
	rights?: LiveRights;
}

export interface UserWatchParts {
	readonly metadata: Pick<MetadataStore, 'users' | 'memberships'>;
	readonly access: Pick<AccessWatch, 'rules'>;
	/** Asked about those whom an authenticator knows, as often as rows are read. */
	readonly external?: Pick<ExternalUsers, 'current'>;
	readonly logger: Logger;
	readonly now: () => number;
}

/** Keeps an eye on the rows of users whose credentials are remembered: a change on any node is seen within five seconds. */
export class UserWatch {
	readonly #metadata: UserWatchParts['metadata'];
	readonly #access: UserWatchParts['access'];
	readonly #external: UserWatchParts['external'];
	readonly #logger: Logger;
	readonly #now: () => number;
	readonly #watched = new LRUCache<string, WatchedUser>({max: rememberedUsers});
	#expiredAt = -Infinity;

	constructor({metadata, access, external, logger, now}: UserWatchParts) {
		this.#metadata = metadata;
		this.#access = access;
		this.#external = external;
		this.#logger = logger;
		this.#now = now;
	}

	/** The user of that name, as the row was at most four seconds ago. */
	async find(name: string): Promise<WatchedUser> {
		const watched = this.#watched.get(name) ?? {name, record: undefined, principal: nobody, readAt: 0};
		if (this.#isStale(watched)) {
			await this.#read(watched);
		}
		return watched;
	}

	/** Takes over a row that was just read or written. */
	async watch(record: UserRecord): Promise<WatchedUser> {
		const askedAt = this.#now();
		const groups = await this.#metadata.memberships.groupsOf(record.id);
		const watched = this.#watched.get(record.name) ?? {
			name: record.name,
			record: undefined,
			principal: nobody,
			readAt: 0,
		};
		this.#take(watched, {record, groups, askedAt});
		return watched;
	}

	/** What he may; shared by all of his credentials. */
	rightsOf(watched: WatchedUser): LiveRights {
		return (watched.rights ??= new LiveRights(this.#access, () => watched.principal));
	}

	/** Undefined when what is known of the user is recent; else resolves when it is again. */
	refresh(watched: WatchedUser): Promise<void> | undefined {
		if (this.#isStale(watched)) {
			return this.#read(watched);
		}
		if (this.#now() - watched.readAt >= refreshAfterMs && watched.reading === undefined) {
			this.#read(watched).catch((error: unknown) => {
				this.#logger.warn({error, user: watched.name}, 'reading a signed-in user again failed');
			});
		}
		return undefined;
	}

	/** Whether the row is still the one of `identity` and not disabled. Not a promise unless it has to be read first. */
	isCurrent(watched: WatchedUser, identity: UserIdentity): boolean | Promise<boolean> {
		const reading = isBehind(watched.record, identity) ? this.#read(watched) : this.refresh(watched);
		return reading === undefined
			? isSame(watched.record, identity)
			: reading.then(() => isSame(watched.record, identity));
	}

	/** What was read before is not relied on any more: for who has just made a change. */
	expire(): void {
		this.#expiredAt = this.#now();
	}

	#isStale({readAt}: WatchedUser): boolean {
		return this.#now() - readAt >= staleAfterMs || readAt <= this.#expiredAt;
	}

	#read(watched: WatchedUser): Promise<void> {
		watched.reading ??= this.#readNow(watched).finally(() => {
			watched.reading = undefined;
		});
		return watched.reading;
	}

	async #readNow(watched: WatchedUser): Promise<void> {
		const askedAt = this.#now();
		const record = await this.#metadata.users.find(watched.name);
		const groups = record === undefined ? [] : await this.#metadata.memberships.groupsOf(record.id);
		const state = record?.realm === undefined ? undefined : await this.#external?.current({record, groups});
		this.#take(watched, {record, groups, ...state, askedAt});
	}

	#take(
		watched: WatchedUser,
		{record, groups, askedAt}: {record: UserRecord | undefined; groups: readonly string[]; askedAt: number},
	): void {
		if (record !== undefined && isOlder(record, watched.record)) {
			return;
		}
		watched.record = record;
		watched.principal = principalOf(record, groups, watched.principal);
		watched.readAt = askedAt;
		if (record !== undefined) {
			this.#watched.set(watched.name, watched);
		}
	}
}

/** The one of before if it is the same. */
function principalOf(record: UserRecord | undefined, groups: readonly string[], before: Principal): Principal {
	if (record === undefined || record.disabled) {
		return nobody;
	}
	const {name: user, admin} = record;
	const same = before.user === user && before.admin === admin && before.groups.join('\n') === groups.join('\n');
	return same ? before : {user, groups, admin};
}

/** Whether `record` was read before `known`, perhaps on another node. */
function isOlder(record: UserRecord, known: UserRecord | undefined): boolean {
	return known !== undefined && (record.id < known.id || (record.id === known.id && record.version < known.version));
}

/** Whether `record` was read before the state of the user that `identity` speaks of, perhaps on another node. */
function isBehind(record: UserRecord | undefined, {id, version = 0}: UserIdentity): boolean {
	return record === undefined || record.id < id || (record.id === id && record.credentialVersion < version);
}

function isSame(record: UserRecord | undefined, {id, version}: UserIdentity): boolean {
	return (
		record !== undefined &&
		record.id === id &&
		(version === undefined || record.credentialVersion === version) &&
		!record.disabled
	);
}
