import {hash, randomBytes} from 'node:crypto';
import {LRUCache} from 'lru-cache';
import type {Authenticated} from './authenticated.ts';
import type {WatchedToken} from './token-watch.ts';
import type {WatchedUser} from './user-watch.ts';

const rememberedTokens = 10_000;
const rememberedPasswords = 10_000;

/** Credentials that were found right. */
export interface RememberedCredentials {
	readonly caller: Authenticated;
	/** Undefined for who is no user. */
	readonly watched?: WatchedUser;
	/** The revocable token that he has shown, or that stands behind the one he has shown. */
	readonly token?: WatchedToken;
	/** Milliseconds since 1970. */
	readonly until: number;
}

/**
 * `Authorization` headers that were found right, so that a request costs a look-up. Passwords are kept under a hash keyed
 * with what only this process knows, never as they are. Bounded: what was not used for longest is forgotten first.
 */
export class CredentialMemory {
	readonly #now: () => number;
	readonly #key = randomBytes(64).toString('base64');
	readonly #tokens = new LRUCache<string, RememberedCredentials>({max: rememberedTokens});
	readonly #passwords = new LRUCache<string, RememberedCredentials>({max: rememberedPasswords});

	/** `now` in milliseconds since 1970. */
	constructor(now: () => number) {
		this.#now = now;
	}

	find(authorization: string): RememberedCredentials | undefined {
		const found = isBasic(authorization)
			? this.#passwords.get(this.keyOf(authorization))
			: this.#tokens.get(authorization);
		return found !== undefined && found.until > this.#now() ? found : undefined;
	}

	remember(authorization: string, credentials: RememberedCredentials): void {
		if (isBasic(authorization)) {
			this.#passwords.set(this.keyOf(authorization), credentials);
		} else {
			this.#tokens.set(authorization, credentials);
		}
	}

	forget(authorization: string): void {
		if (isBasic(authorization)) {
			this.#passwords.delete(this.keyOf(authorization));
		} else {
			this.#tokens.delete(authorization);
		}
	}

	forgetAll(): void {
		this.#tokens.clear();
		this.#passwords.clear();
	}

	/** Tells credentials apart without holding them. Never leaves the process, so a hash over key and text is as good as an HMAC. */
	keyOf(authorization: string): string {
		return hash('sha256', this.#key + authorization, 'base64');
	}
}

/** By its second letter: `Basic` or `bearer`, in any case. */
function isBasic(authorization: string): boolean {
	return (authorization.charCodeAt(1) | 0x20) === 0x61;
}
