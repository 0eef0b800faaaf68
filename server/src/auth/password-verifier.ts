import {randomBytes} from 'node:crypto';
import {ConflictError, type Logger, type MetadataStore, RegistryError, type UserRecord} from '@stowage/core';
import pLimit from 'p-limit';
import {initialAdminName, isInitialPassword, rememberInitialPassword} from './initial-password.ts';
import {hashPassword, isOutdatedHash, isPasswordHash, verifyPassword} from './password-hash.ts';

/** Each run holds 32 MiB and a thread of libuv's pool, which files need too. */
const runsAtOnce = 2;
/** Two to three seconds' worth. */
const longestQueue = 100;

export interface PasswordVerifierParts {
	readonly metadata: MetadataStore;
	readonly logger: Logger;
}

/** Says whether a password is a user's. */
export class PasswordVerifier {
	readonly #metadata: MetadataStore;
	readonly #logger: Logger;
	readonly #decoy: Promise<string>;
	readonly #limit = pLimit(runsAtOnce);
	#runs = 0;

	constructor({metadata, logger}: PasswordVerifierParts) {
		this.#metadata = metadata;
		this.#logger = logger;
		this.#decoy = hashPassword(randomBytes(16).toString('hex'));
		// Told to who signs in; a start does not wait for it.
		this.#decoy.catch(() => undefined);
	}

	/** How many passwords were compared so far. */
	get runs(): number {
		return this.#runs;
	}

	/**
	 * The user, or undefined when there is none of that name, the password is another or the user is disabled: each costs
	 * the same. Throws `UNAVAILABLE` with `Retry-After` when too many passwords wait to be compared.
	 */
	async verify(name: string, password: string): Promise<UserRecord | undefined> {
		if (this.#limit.pendingCount >= longestQueue) {
			throw new RegistryError('UNAVAILABLE', 'too many sign-ins at once', {headers: {'Retry-After': '2'}});
		}
		return this.#limit(() => this.#compare(name, password));
	}

	async #compare(name: string, password: string): Promise<UserRecord | undefined> {
		this.#runs += 1;
		const user = await this.#metadata.users.find(name);
		const hash = this.#hashOf(user);
		const right = await verifyPassword(password, hash ?? (await this.#decoy));
		if (user === undefined || hash === undefined || user.disabled || !right) {
			return undefined;
		}
		return isOutdatedHash(hash) ? this.#renewHash(user, password) : user;
	}

	#hashOf(user: UserRecord | undefined): string | undefined {
		const hash = user?.internalPasswordDisabled === true ? undefined : user?.passwordHash;
		if (hash !== undefined && !isPasswordHash(hash)) {
			this.#logger.error({user: user?.name}, 'stored password hash cannot be read: the user cannot sign in');
			return undefined;
		}
		return hash;
	}

	async #renewHash(user: UserRecord, password: string): Promise<UserRecord> {
		const passwordHash = await hashPassword(password);
		try {
			return await this.#metadata.transaction(async store => {
				const initial = user.name === initialAdminName && (await isInitialPassword(store));
				const renewed = await store.users.update({...user, passwordHash});
				if (initial) {
					await rememberInitialPassword(store, passwordHash);
				}
				return renewed;
			});
		} catch (error) {
			if (error instanceof ConflictError) {
				return user;
			}
			throw error;
		}
	}
}
