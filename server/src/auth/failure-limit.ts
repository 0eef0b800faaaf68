import {RegistryError, networkOf} from '@stowage/core';
import {LRUCache} from 'lru-cache';

/** Failures that cost nothing, before each further one doubles the wait. */
const freePerUser = 5;
const freePerAddress = 50;
const longestWaitMs = 15 * 60_000;
/** Failures are forgotten when the last one is older. */
const forgetAfterMs = 30 * 60_000;
const rememberedKeys = 20_000;

interface Failures {
	count: number;
	lastAt: number;
	blockedUntil: number;
}

/** A sign-in under way. It counts as a failure until one of these is called, so that guessing at once gains nothing. */
export interface Attempt {
	/** Forgets the failures of this user at this address. */
	succeeded(): void;
	/** It was never found out whether the credentials are right. */
	undecided(): void;
}

/**
 * Slows down guessing: per user and address, and per address. Names of users that do not exist count like any other,
 * so that nothing can be learnt from being slowed down, and so do all spellings of one name. Memory is bounded; what was quiet longest is forgotten first.
 */
export class FailureLimit {
	readonly #now: () => number;
	readonly #failures = new LRUCache<string, Failures>({max: rememberedKeys});

	/** `now` in milliseconds since 1970. */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** Throws `TOOMANYREQUESTS` with `Retry-After` while the user at this address, or the address, has to wait. */
	begin(user: string, remoteAddress: string): Attempt {
		const address = networkOf(remoteAddress);
		const addressKey = `address ${address}`;
		const userKey = userKeyOf(user, address);
		this.#refuseWhileBlocked(addressKey);
		this.#refuseWhileBlocked(userKey);
		this.#count(addressKey, freePerAddress);
		this.#count(userKey, freePerUser);
		return {
			succeeded: () => {
				this.#failures.delete(userKey);
				this.#takeBack(addressKey, freePerAddress);
			},
			undecided: () => {
				this.#takeBack(userKey, freePerUser);
				this.#takeBack(addressKey, freePerAddress);
			},
		};
	}

	/** Until when this name has to wait at this address, in milliseconds since 1970; 0 when it need not. */
	blockedUntil(user: string, remoteAddress: string): number {
		return this.#failures.get(userKeyOf(user, networkOf(remoteAddress)))?.blockedUntil ?? 0;
	}

	/** Names under which nobody can sign in now from somewhere. They are as of `spelledAlike`, of what was typed: perhaps of nobody. */
	blockedNames(): readonly string[] {
		const now = this.#now();
		const blocked = [...this.#failures].filter(([, {blockedUntil}]) => blockedUntil > now);
		return [...new Set(blocked.flatMap(([key]) => nameIn(key) ?? []))].toSorted();
	}

	/** Forgets the failures under a name, wherever they came from. */
	forgive(user: string): void {
		const name = spelledAlike(user);
		for (const key of [...this.#failures.keys()].filter(key => nameIn(key) === name)) {
			this.#failures.delete(key);
		}
	}

	#refuseWhileBlocked(key: string): void {
		const wait = (this.#failures.get(key)?.blockedUntil ?? 0) - this.#now();
		if (wait > 0) {
			throw new RegistryError('TOOMANYREQUESTS', 'too many failed sign-ins', {
				headers: {'Retry-After': String(Math.ceil(wait / 1000))},
			});
		}
	}

	#count(key: string, free: number): void {
		const now = this.#now();
		const known = this.#failures.get(key);
		const count = known !== undefined && now - known.lastAt < forgetAfterMs ? known.count + 1 : 1;
		this.#failures.set(key, {count, lastAt: now, blockedUntil: now + waitAfter(count - free)});
	}

	#takeBack(key: string, free: number): void {
		const known = this.#failures.get(key);
		if (known === undefined) {
			return;
		}
		known.count -= 1;
		known.blockedUntil = known.lastAt + waitAfter(known.count - free);
	}
}

function userKeyOf(user: string, network: string): string {
	return `user ${network} ${spelledAlike(user)}`;
}

/** The same for all spellings that a directory takes for one: it tells neither case nor spaces around a name (RFC 4518). */
export function spelledAlike(name: string): string {
	return name.trim().toLowerCase().slice(0, 255);
}

function nameIn(key: string): string | undefined {
	return /^user \S* ([^]*)$/.exec(key)?.[1];
}

function waitAfter(excess: number): number {
	return excess <= 0 ? 0 : Math.min(1000 * 2 ** (excess - 1), longestWaitMs);
}
