import {
	type Logger,
	type MetadataStore,
	type OtherNameOf,
	type RepositoryClass,
	RegistryError,
	type UserRecord,
} from '@stowage/core';
import {AccessTokenOwners} from './access-token-owners.ts';
import {AccessTokens} from './access-tokens.ts';
import {AccessWatch} from './access-watch.ts';
import {AnonymousCaller, anonymousName} from './anonymous-caller.ts';
import {type Authenticated, identityOf} from './authenticated.ts';
import {type Credentials, findCredentials} from './authorization-header.ts';
import {CredentialMemory, type RememberedCredentials} from './credential-memory.ts';
import type {ExternalRealm} from './external/external-realm.ts';
import {ExternalUsers} from './external/external-users.ts';
import {TokenExchange} from './external/token-exchange.ts';
import {LockOuts} from './lock-outs.ts';
import {PasswordAuthentication} from './password-authentication.ts';
import {PasswordVerifier} from './password-verifier.ts';
import {ShownTokens} from './shown-tokens.ts';
import {TokenCaller} from './token-caller.ts';
import {TokenSigner} from './token-signer.ts';
import {TokenWatch} from './token-watch.ts';
import {type TokenAnswer, type TokenRequest, Tokens} from './tokens.ts';
import {UserCaller} from './user-caller.ts';
import {UserWatch, type WatchedUser} from './user-watch.ts';

export type {Authenticated, UserIdentity} from './authenticated.ts';

/** How long a password that was found right is not compared again. */
const rememberPasswordMs = 60_000;

/** A time of sign-in that is younger than this is not stored again. */
const signInPrecisionMs = 60_000;

export interface AuthenticatorParts {
	readonly metadata: MetadataStore;
	readonly logger: Logger;
	/** Whether everybody may read everything, even without signing in. */
	readonly anonymousRead: boolean;
	readonly tokenLifetimeSeconds: number;
	/** For permission targets on all local, or all remote, repositories; no key has a class unless told. */
	readonly classOf?: (repository: string) => RepositoryClass | undefined;
	/** Keys of all that a repository is made of, which have things themselves; none unless told. */
	readonly membersOf?: (repository: string) => readonly string[];
	/** Rights are the same by either name; no image has two unless told. */
	readonly otherNameOf?: OtherNameOf;
	/** Who knows users besides this server, in the order in which they are asked; nobody unless told. */
	readonly realms?: readonly ExternalRealm[];
	/** Milliseconds since 1970. */
	readonly now?: () => number;
}

export interface PasswordProof {
	readonly name: string;
	readonly password: string;
}

interface Workers {
	readonly metadata: MetadataStore;
	readonly logger: Logger;
	readonly passwords: PasswordAuthentication;
	readonly verifier: PasswordVerifier;
	readonly access: AccessWatch;
	readonly users: UserWatch;
	readonly watch: TokenWatch;
	readonly memory: CredentialMemory;
	readonly shown: ShownTokens;
	readonly accessTokens: AccessTokens;
	readonly exchange: TokenExchange;
	readonly tokens: Tokens;
	/** The user `anonymous`. */
	readonly nobody: WatchedUser;
	readonly now: () => number;
}

/**
 * Says who asks, by password, token or key. What was found right is remembered for a while; that a user, his groups, a
 * permission target or a token was changed, disabled or removed is still seen within five seconds, on every node.
 */
export class Authenticator {
	/** For all that is done with tokens besides signing in. */
	readonly accessTokens: AccessTokens;
	/** For who has a token of somebody else. */
	readonly exchange: TokenExchange;
	readonly #anonymousRead: boolean;
	readonly #workers: Workers;
	readonly #memory: CredentialMemory;
	readonly #anonymous: AnonymousCaller;

	private constructor(anonymousRead: boolean, workers: Workers) {
		this.accessTokens = workers.accessTokens;
		this.exchange = workers.exchange;
		this.#anonymousRead = anonymousRead;
		this.#workers = workers;
		this.#memory = workers.memory;
		this.#anonymous = new AnonymousCaller(workers.users.rightsOf(workers.nobody));
	}

	/** Makes the keys that sign tokens if no node has made them before. */
	static async open(parts: AuthenticatorParts): Promise<Authenticator> {
		const {metadata, logger, anonymousRead, tokenLifetimeSeconds: lifetimeSeconds, now = Date.now} = parts;
		const {classOf = () => undefined, membersOf, otherNameOf, realms = []} = parts;
		const verifier = new PasswordVerifier({metadata, logger});
		const signer = await TokenSigner.open(metadata.settings, now);
		const memory = new CredentialMemory(now);
		const onChange = async () => {
			if (await signer.reload()) {
				memory.forgetAll();
			}
		};
		const access = await AccessWatch.open({
			metadata,
			logger,
			anonymousRead,
			classOf,
			membersOf,
			otherNameOf,
			onChange,
			now,
		});
		const external = new ExternalUsers({metadata, logger, realms, now});
		const users = new UserWatch({metadata, access, external, logger, now});
		const nobody = await users.find(anonymousName);
		const watch = new TokenWatch(metadata.accessTokens, logger, now);
		const owners = new AccessTokenOwners({tokens: watch, users, access, now});
		const anonymous = users.rightsOf(nobody);
		const tokens = new Tokens({signer, users, accessTokens: owners, anonymous, lifetimeSeconds, now});
		const shown = new ShownTokens({tokens, owners, records: metadata.accessTokens});
		const lockOuts = new LockOuts({metadata, logger, now});
		const passwords = new PasswordAuthentication({verifier, external, lockOuts, logger});
		const accessTokens = new AccessTokens({metadata, signer, now});
		const exchange = new TokenExchange({external, accessTokens, logger});
		const workers = {
			metadata,
			logger,
			passwords,
			verifier,
			access,
			users,
			watch,
			memory,
			shown,
			accessTokens,
			exchange,
			tokens,
			nobody,
			now,
		};
		return new Authenticator(anonymousRead, workers);
	}

	/** Whether who does not sign in may be let in at all. */
	get anonymousAllowed(): boolean {
		const {record} = this.#workers.nobody;
		return this.#anonymousRead || record?.disabled === false;
	}

	/** Who guessed, or was guessed at, and has to wait. */
	get lockOuts(): PasswordAuthentication['lockOuts'] {
		return this.#workers.passwords.lockOuts;
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
			return this.#authenticateNobody();
		}
		const remembered = this.#memory.find(authorization);
		if (remembered === undefined) {
			return this.#verify(authorization, remoteAddress);
		}
		const current = this.#isCurrent(remembered);
		return current === true ? remembered.caller : this.#recheck(current, authorization, remoteAddress);
	}

	/** Whether these are the name and password of a user now, compared anew and counted like any try to sign in. */
	async provePassword({name, password}: PasswordProof, remoteAddress: string): Promise<boolean> {
		const key = this.#memory.keyOf(`${name}:${password}`);
		return (await this.#workers.passwords.signIn({name, password, remoteAddress, key})) !== undefined;
	}

	/** From now on nothing that was read before is relied on, on this node: for who has just changed users, rights or tokens. */
	expire(): void {
		for (const watch of [this.#workers.access, this.#workers.users, this.#workers.watch]) {
			watch.expire();
		}
	}

	/** The user to whom a refresh token was given. Throws `UNAUTHORIZED`. */
	async authenticateRefreshToken(refreshToken: string): Promise<Authenticated> {
		const owner = await this.#workers.tokens.findOwner('refresh', refreshToken);
		if (owner?.watched?.record === undefined) {
			throw refused();
		}
		return this.#userCaller(owner.watched, owner.watched.record);
	}

	issueToken(request: TokenRequest): Promise<TokenAnswer> {
		return this.#workers.tokens.issue(request);
	}

	#authenticateNobody(): Authenticated | Promise<Authenticated> {
		const {access, users, nobody} = this.#workers;
		const rules = access.refresh();
		const user = users.refresh(nobody);
		return rules === undefined && user === undefined
			? this.#anonymous
			: Promise.all([rules, user]).then(() => this.#anonymous);
	}

	/** Not a promise as long as all that is watched was read lately. */
	#isCurrent({caller, watched, token}: RememberedCredentials): boolean | Promise<boolean> {
		const {access, users, nobody} = this.#workers;
		const rules = access.refresh();
		const row = token?.refresh();
		const known = watched !== undefined && caller.user !== undefined;
		const user = known ? users.isCurrent(watched, caller.user) : (users.refresh(nobody)?.then(() => true) ?? true);
		if (rules === undefined && row === undefined && typeof user === 'boolean') {
			return user && (token === undefined || token.value !== undefined);
		}
		return Promise.all([user, rules, row]).then(
			([current]) => current && (token === undefined || token.value !== undefined),
		);
	}

	/** Reading again may have forgotten the credentials: the key that signed them was dropped. */
	async #recheck(
		current: boolean | Promise<boolean>,
		authorization: string,
		remoteAddress: string,
	): Promise<Authenticated> {
		const remembered = (await current) ? this.#memory.find(authorization) : undefined;
		return remembered?.caller ?? this.#verify(authorization, remoteAddress);
	}

	async #verify(authorization: string, remoteAddress: string): Promise<Authenticated> {
		const credentials = findCredentials(authorization);
		const found = credentials && (await this.#find(credentials, authorization, remoteAddress));
		if (found === undefined) {
			this.#memory.forget(authorization);
			throw refused();
		}
		await this.#workers.access.refresh();
		await this.#rememberSignIn(found);
		this.#memory.remember(authorization, found);
		return found.caller;
	}

	/** Tokens of the token end-point come of a sign-in that was remembered. */
	async #rememberSignIn({caller, watched}: RememberedCredentials): Promise<void> {
		const {metadata, logger, now} = this.#workers;
		const {id, lastLoggedIn} = watched?.record ?? {};
		const at = now();
		if (caller instanceof TokenCaller || id === undefined || at - (lastLoggedIn?.getTime() ?? 0) < signInPrecisionMs) {
			return;
		}
		try {
			await metadata.users.signedIn(id, new Date(at));
		} catch (error) {
			logger.warn({err: error}, 'the time of a sign-in could not be stored');
		}
	}

	async #find(
		credentials: Credentials,
		authorization: string,
		remoteAddress: string,
	): Promise<RememberedCredentials | undefined> {
		if (credentials.scheme === 'bearer') {
			return this.#workers.shown.find(credentials.token);
		}
		const {name, password} = credentials;
		const found = await this.#workers.shown.find(password);
		if (found?.caller.name === name) {
			return found;
		}
		const key = this.#memory.keyOf(authorization);
		const user = await this.#workers.passwords.signIn({name, password, remoteAddress, key});
		if (user === undefined) {
			return undefined;
		}
		const watched = await this.#workers.users.watch(user);
		return {caller: this.#userCaller(watched, user), watched, until: this.#workers.now() + rememberPasswordMs};
	}

	#userCaller(watched: WatchedUser, user: UserRecord): UserCaller {
		return new UserCaller(identityOf(user), this.#workers.users.rightsOf(watched));
	}
}

/** One answer, whatever was wrong. */
function refused(): RegistryError {
	return new RegistryError('UNAUTHORIZED', 'invalid credentials');
}
