import {
	type ExternalAuthenticator,
	type ExternalToken,
	type ExternalUser,
	type Logger,
	RegistryError,
} from '@stowage/core';
import type {AuthenticatorConfiguration} from '../../config/configuration.ts';

/** However patient an authenticator is. */
const longestMs = 30_000;
const retryAfterSeconds = '5';
const warnEveryMs = 10_000;

/** How users of an authenticator become users here. */
export type RealmRules = Pick<
	AuthenticatorConfiguration,
	'name' | 'createUsers' | 'groups' | 'createGroups' | 'outageSeconds'
>;

/** What became of a user because of what an authenticator says of him. */
export interface ExternalChange {
	readonly user: string;
	/** Whether he was made. */
	readonly added: boolean;
	/** All groups that he is in now. */
	readonly groups: readonly string[];
}

export interface ExternalRealmParts {
	readonly rules: RealmRules;
	readonly authenticator: ExternalAuthenticator;
	readonly logger: Logger;
	/** Told of each change after the fact; must not reject. */
	readonly tell?: (change: ExternalChange) => Promise<void>;
}

/** A configured authenticator. What it cannot answer is a `RegistryError` that tells the client to try again later. */
export class ExternalRealm {
	readonly rules: RealmRules;
	readonly #authenticator: ExternalAuthenticator;
	readonly #logger: Logger;
	readonly #tell: ExternalRealmParts['tell'];
	#warnedAt = -Infinity;

	constructor({rules, authenticator, logger, tell}: ExternalRealmParts) {
		this.rules = rules;
		this.#authenticator = authenticator;
		this.#logger = logger;
		this.#tell = tell;
	}

	get name(): string {
		return this.rules.name;
	}

	async tell(change: ExternalChange): Promise<void> {
		await this.#tell?.(change);
	}

	/** Undefined where no password is ever checked. */
	get verifyPassword(): ((name: string, password: string) => Promise<ExternalUser | undefined>) | undefined {
		const authenticator = this.#authenticator;
		return authenticator.verifyPassword === undefined
			? undefined
			: (name, password) => this.#ask(async signal => authenticator.verifyPassword?.(name, password, {signal}));
	}

	/** Undefined where no token is ever checked. */
	get verifyToken(): ((token: string) => Promise<ExternalToken | undefined>) | undefined {
		const authenticator = this.#authenticator;
		return authenticator.verifyToken === undefined
			? undefined
			: token => this.#ask(async signal => authenticator.verifyToken?.(token, {signal}));
	}

	/** Undefined where nothing is known of who does not sign in. */
	get findUser(): ((user: Pick<ExternalUser, 'name' | 'externalId'>) => Promise<ExternalUser | undefined>) | undefined {
		const authenticator = this.#authenticator;
		return authenticator.findUser === undefined
			? undefined
			: user => this.#ask(async signal => authenticator.findUser?.(user, {signal}));
	}

	async #ask<Answer>(question: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
		const signal = AbortSignal.timeout(longestMs);
		try {
			return await question(signal);
		} catch (error) {
			this.#logFailure(error);
			throw new RegistryError('UNAVAILABLE', `the authenticator "${this.name}" cannot be asked now`, {
				headers: {'Retry-After': retryAfterSeconds},
				cause: error,
			});
		}
	}

	/** Whoever is active is asked about again and again: an outage is not to fill the log. */
	#logFailure(error: unknown): void {
		const now = performance.now();
		const silent = now - this.#warnedAt < warnEveryMs;
		this.#warnedAt = silent ? this.#warnedAt : now;
		this.#logger[silent ? 'debug' : 'warn']({err: error}, 'an authenticator could not be asked');
	}
}
