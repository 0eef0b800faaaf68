import {type Logger, type MetadataStore, RegistryError, rightsOf} from '@stowage/core';
import {AnonymousCaller} from './anonymous-caller.ts';
import type {Authenticated} from './authenticated.ts';
import {type Credentials, findCredentials} from './authorization-header.ts';
import {CredentialMemory, type RememberedCredentials} from './credential-memory.ts';
import {PasswordAuthentication} from './password-authentication.ts';
import {PasswordVerifier} from './password-verifier.ts';
import {TokenSigner} from './token-signer.ts';
import {type TokenAnswer, type TokenRequest, Tokens} from './tokens.ts';
import {UserCaller} from './user-caller.ts';
import {UserWatch, type WatchedUser} from './user-watch.ts';

export type {Authenticated, UserIdentity} from './authenticated.ts';

/** How long a password that was found right is not compared again. */
const rememberPasswordMs = 60_000;

/** Three parts of base64url, the first of which begins with `{"`. */
const looksLikeToken = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;

export interface AuthenticatorParts {
	readonly metadata: MetadataStore;
	readonly logger: Logger;
	/** Whether everybody may read everything, even without signing in. */
	readonly anonymousRead: boolean;
	readonly tokenLifetimeSeconds: number;
	/** Milliseconds since 1970. */
	readonly now?: () => number;
}

interface Workers {
	readonly verifier: PasswordVerifier;
	readonly passwords: PasswordAuthentication;
	readonly users: UserWatch;
	readonly tokens: Tokens;
	readonly now: () => number;
}

/**
 * Says who asks, by password or token. What was found right is remembered for a while; that a user was changed,
 * disabled or removed is still seen within five seconds, on every node.
 */
export class Authenticator {
	/** Whether who does not sign in may read. */
	readonly anonymousRead: boolean;
	readonly #workers: Workers;
	readonly #memory: CredentialMemory;
	readonly #anonymous: AnonymousCaller;

	private constructor(anonymousRead: boolean, workers: Workers) {
		this.anonymousRead = anonymousRead;
		this.#workers = workers;
		this.#memory = new CredentialMemory(workers.now);
		this.#anonymous = new AnonymousCaller(rightsOf({admin: false, anonymousRead}));
	}

	/** Makes the keys that sign tokens if no node has made them before. */
	static async open(parts: AuthenticatorParts): Promise<Authenticator> {
		const {metadata, logger, anonymousRead, tokenLifetimeSeconds: lifetimeSeconds, now = Date.now} = parts;
		const users = new UserWatch(metadata.users, logger, now);
		const [verifier, signer] = await Promise.all([
			PasswordVerifier.open({metadata, logger}),
			TokenSigner.open(metadata.settings, now),
		]);
		const tokens = new Tokens({signer, users, anonymousRead, lifetimeSeconds, now});
		const passwords = new PasswordAuthentication({verifier, logger, now});
		return new Authenticator(anonymousRead, {verifier, passwords, users, tokens, now});
	}

	/** How many passwords were compared so far: each costs some 25 ms of a thread. */
	get passwordRuns(): number {
		return this.#workers.verifier.runs;
	}

	/**
	 * Who sent this `Authorization` header; the anonymous caller without one. Not a promise when the credentials are
	 * remembered. Throws `UNAUTHORIZED`; after too many failures `TOOMANYREQUESTS`, and under too much load
	 * `UNAVAILABLE`, both with `Retry-After`.
	 */
	authenticate(authorization: string | undefined, remoteAddress: string): Authenticated | Promise<Authenticated> {
		if (authorization === undefined) {
			return this.#anonymous;
		}
		const remembered = this.#memory.find(authorization);
		if (remembered === undefined) {
			return this.#verify(authorization, remoteAddress);
		}
		const current = this.#isCurrent(remembered);
		return current === true
			? remembered.caller
			: this.#recheck(current, remembered, () => this.#verify(authorization, remoteAddress));
	}

	/** The user to whom a refresh token was given. Throws `UNAUTHORIZED`. */
	async authenticateRefreshToken(refreshToken: string): Promise<Authenticated> {
		const owner = await this.#workers.tokens.findOwner('refresh', refreshToken);
		if (owner?.watched?.record === undefined) {
			throw refused();
		}
		return this.#userCaller(owner.watched.record);
	}

	issueToken(request: TokenRequest): Promise<TokenAnswer> {
		return this.#workers.tokens.issue(request);
	}

	#isCurrent({caller, watched}: RememberedCredentials): boolean | Promise<boolean> {
		return watched === undefined || caller.user === undefined || this.#workers.users.isCurrent(watched, caller.user);
	}

	async #recheck(
		current: boolean | Promise<boolean>,
		remembered: RememberedCredentials,
		verify: () => Promise<Authenticated>,
	): Promise<Authenticated> {
		return (await current) ? remembered.caller : verify();
	}

	async #verify(authorization: string, remoteAddress: string): Promise<Authenticated> {
		const credentials = findCredentials(authorization);
		const found = credentials && (await this.#find(credentials, authorization, remoteAddress));
		if (found === undefined) {
			this.#memory.forget(authorization);
			throw refused();
		}
		this.#memory.remember(authorization, found);
		return found.caller;
	}

	async #find(
		credentials: Credentials,
		authorization: string,
		remoteAddress: string,
	): Promise<RememberedCredentials | undefined> {
		if (credentials.scheme === 'bearer') {
			return this.#findToken(credentials.token);
		}
		const {name, password} = credentials;
		if (looksLikeToken.test(password)) {
			const found = await this.#findToken(password);
			if (found?.caller.name === name) {
				return found;
			}
		}
		const key = this.#memory.keyOf(authorization);
		const user = await this.#workers.passwords.signIn({name, password, remoteAddress, key});
		if (user === undefined) {
			return undefined;
		}
		const watched = this.#workers.users.watch(user);
		return {caller: this.#userCaller(user), watched, until: this.#workers.now() + rememberPasswordMs};
	}

	async #findToken(token: string): Promise<RememberedCredentials | undefined> {
		const found = await this.#workers.tokens.findCaller(token);
		return found && {...found, until: found.caller.expiresAt};
	}

	#userCaller({id, name, version, admin}: NonNullable<WatchedUser['record']>): UserCaller {
		return new UserCaller({id, name, version}, rightsOf({admin, anonymousRead: this.anonymousRead}));
	}
}

/** One answer, whatever was wrong. */
function refused(): RegistryError {
	return new RegistryError('UNAUTHORIZED', 'invalid credentials');
}
