import type {Logger, MetadataStore, UserRecord} from '@stowage/core';
import {type Attempt, FailureLimit, spelledAlike} from './failure-limit.ts';

export interface LockOutsParts {
	readonly metadata: Pick<MetadataStore, 'lockOuts' | 'users'>;
	readonly logger: Logger;
	/** Milliseconds since 1970. */
	readonly now: () => number;
}

/** A sign-in under way, of which one of these is to be called. */
export interface LockOutAttempt extends Attempt {
	/** Never rejects. */
	failed(): Promise<void>;
}

/** How soon after another this node asks again who was let in elsewhere. */
const askAgainMs = 1000;

/**
 * Users who have to wait after too many failures: each node counts for itself, and writes down of whom. So any node lists
 * them all, and whom an administrator lets in again on one node, all others let in.
 */
export class LockOuts {
	readonly #parts: LockOutsParts;
	readonly #limit: FailureLimit;
	/** Whom this node has written down, with the time until when. */
	readonly #written = new Map<string, number>();
	#askedAt = -Infinity;

	constructor(parts: LockOutsParts) {
		this.#parts = parts;
		this.#limit = new FailureLimit(parts.now);
	}

	/** As of a `FailureLimit`; counts at once. */
	async begin(user: string, remoteAddress: string): Promise<LockOutAttempt> {
		try {
			return this.#begin(user, remoteAddress);
		} catch (error) {
			if (!(await this.#isForgivenElsewhere(user))) {
				throw error;
			}
			return this.#begin(user, remoteAddress);
		}
	}

	/** Names of users who have to wait on some node. Other names that were typed are not told: they may be passwords. */
	list(): Promise<readonly string[]> {
		return this.#parts.metadata.lockOuts.list(new Date(this.#parts.now()));
	}

	/** Lets them try again: here at once, on other nodes within a second. */
	async forgive(users: readonly string[]): Promise<void> {
		await this.#parts.metadata.lockOuts.delete(users);
		users.forEach(user => this.#forget(user));
	}

	#begin(user: string, remoteAddress: string): LockOutAttempt {
		const attempt = this.#limit.begin(user, remoteAddress);
		return {...attempt, failed: async () => this.#writeDown(user, this.#limit.blockedUntil(user, remoteAddress))};
	}

	async #writeDown(user: string, until: number): Promise<void> {
		const {metadata, logger, now} = this.#parts;
		const at = now();
		if (until <= at) {
			return;
		}
		try {
			const found = await this.#findUser(user);
			if (found !== undefined) {
				await metadata.lockOuts.add(found.name, new Date(until), new Date(at));
				this.#written.set(found.name, until);
			}
		} catch (error) {
			logger.warn({err: error}, 'who has to wait could not be written down');
		}
	}

	/** By the name that was typed, or by that which a directory takes it for. */
	async #findUser(typed: string): Promise<UserRecord | undefined> {
		const {users} = this.#parts.metadata;
		return (await users.find(typed)) ?? users.find(spelledAlike(typed));
	}

	async #isForgivenElsewhere(asked: string): Promise<boolean> {
		const {metadata, logger, now} = this.#parts;
		const at = now();
		if (at - this.#askedAt < askAgainMs) {
			return false;
		}
		this.#askedAt = at;
		let forgiven = false;
		try {
			const written = [...this.#written];
			const locked = new Set(await metadata.lockOuts.list(new Date(at)));
			for (const [user, until] of written) {
				if (until <= at) {
					// His failures count on: another one makes him wait for longer.
					this.#written.delete(user);
				} else if (!locked.has(user)) {
					this.#forget(user);
					forgiven ||= spelledAlike(user) === spelledAlike(asked);
				}
			}
			return forgiven;
		} catch (error) {
			logger.debug({err: error}, 'who has to wait could not be read');
			return false;
		}
	}

	#forget(user: string): void {
		this.#limit.forgive(user);
		this.#written.delete(user);
	}
}
