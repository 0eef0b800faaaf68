import {type Logger, RegistryError, type UserRecord} from '@stowage/core';
import type {ExternalUsers} from './external/external-users.ts';
import type {LockOutAttempt, LockOuts} from './lock-outs.ts';
import type {PasswordVerifier} from './password-verifier.ts';
import {looksIssued} from './secret.ts';

export interface PasswordSignIn {
	readonly name: string;
	readonly password: string;
	readonly remoteAddress: string;
	/** Tells these credentials from others without holding them. */
	readonly key: string;
}

export interface PasswordAuthenticationParts {
	/** Asked first, for passwords that are kept here. */
	readonly verifier: PasswordVerifier;
	/** Asked where that one knows no such user and password, unless it has the form of a token or a key. */
	readonly external?: Pick<ExternalUsers, 'verifyPassword'>;
	readonly lockOuts: LockOuts;
	readonly logger: Logger;
}

/** Signs users in by name and password, and slows down who guesses. */
export class PasswordAuthentication {
	readonly #verifier: PasswordVerifier;
	readonly #external: PasswordAuthenticationParts['external'];
	readonly #logger: Logger;
	readonly #lockOuts: LockOuts;
	/** Who sends the same credentials from the same place at the same time shares one comparison. */
	readonly #running = new Map<string, Promise<UserRecord | undefined>>();

	constructor({verifier, external, lockOuts, logger}: PasswordAuthenticationParts) {
		this.#verifier = verifier;
		this.#external = external;
		this.#logger = logger;
		this.#lockOuts = lockOuts;
	}

	get lockOuts(): Pick<LockOuts, 'list' | 'forgive'> {
		return this.#lockOuts;
	}

	/** Undefined when the credentials are not right; throws `TOOMANYREQUESTS` and `UNAVAILABLE`, both with `Retry-After`. */
	signIn(request: PasswordSignIn): Promise<UserRecord | undefined> {
		const key = `${request.key} ${request.remoteAddress}`;
		const running = this.#running.get(key) ?? this.#attempt(request).finally(() => this.#running.delete(key));
		this.#running.set(key, running);
		return running;
	}

	async #attempt({name, password, remoteAddress}: PasswordSignIn): Promise<UserRecord | undefined> {
		const attempt = await this.#begin(name, remoteAddress);
		let user: UserRecord | undefined;
		try {
			user = (await this.#verifier.verify(name, password)) ?? (await this.#askElsewhere(name, password));
		} catch (error) {
			attempt.undecided();
			throw error;
		}
		if (user === undefined) {
			// Without the name: people type passwords into that field.
			this.#logger.info({remoteAddress}, 'sign-in refused');
			await attempt.failed();
		} else {
			attempt.succeeded();
		}
		return user;
	}

	/** A token that is good no more would lock its owner out of his directory, and one of somebody else would be given away. */
	async #askElsewhere(name: string, password: string): Promise<UserRecord | undefined> {
		return looksIssued(password) ? undefined : this.#external?.verifyPassword(name, password);
	}

	async #begin(name: string, remoteAddress: string): Promise<LockOutAttempt> {
		try {
			return await this.#lockOuts.begin(name, remoteAddress);
		} catch (error) {
			if (error instanceof RegistryError) {
				this.#logger.debug({remoteAddress, retryAfter: error.headers['Retry-After']}, 'sign-in not tried');
			}
			throw error;
		}
	}
}
