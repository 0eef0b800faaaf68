import {type Rights, findAccessEntries} from '@stowage/core';
import type {AccessTokenOwners} from './access-token-owners.ts';
import type {Authenticated, CredentialRights, UserIdentity} from './authenticated.ts';
import {type RequestedScope, type ScopeAddress, asksForCatalog, grantScopes} from './scope.ts';
import {TokenCaller} from './token-caller.ts';
import type {TokenContent, TokenKind, TokenSigner} from './token-signer.ts';
import type {WatchedToken} from './token-watch.ts';
import type {UserWatch, WatchedUser} from './user-watch.ts';

const shortestLifetimeMs = 60_000;
const refreshLifetimeMs = 365 * 24 * 3_600_000;

export interface TokenRequest {
	/** Who asks: he is given no more than he may do himself, and nothing that outlives a token he asks with. */
	readonly caller: Authenticated;
	readonly scopes: readonly RequestedScope[];
	readonly address: ScopeAddress;
	readonly service?: string;
	/** That of the configuration unless told. */
	readonly lifetimeSeconds?: number;
	/** Whether a refresh token is wanted. It is given to who signed in with a password. */
	readonly offline?: boolean;
}

/** As in the distribution project's token specification. */
export interface TokenAnswer {
	readonly token: string;
	readonly access_token: string;
	readonly expires_in: number;
	/** RFC 3339. */
	readonly issued_at: string;
	readonly refresh_token?: string;
}

/** Whom a token was issued to. */
export interface TokenOwner {
	/** Undefined when he had not signed in. */
	readonly user?: UserIdentity;
	readonly watched?: WatchedUser;
	/** The revocable token that it was issued to. */
	readonly token?: WatchedToken;
	readonly rights: CredentialRights;
	readonly content: TokenContent;
}

/** Who has shown a token, with what has to be watched as long as that is remembered. */
export interface FoundTokenCaller extends Pick<TokenOwner, 'watched' | 'token'> {
	readonly caller: TokenCaller;
}

export interface TokensParts {
	readonly signer: TokenSigner;
	readonly users: UserWatch;
	readonly accessTokens: AccessTokenOwners;
	/** What who did not sign in may. */
	readonly anonymous: Rights;
	/** Raised to 60, which is what clients count with at least. */
	readonly lifetimeSeconds: number;
	readonly now: () => number;
}

/** Issues tokens, and tells what a token is good for. A token ends when its owner is changed, disabled or removed. */
export class Tokens {
	readonly #parts: TokensParts;
	readonly #lifetimeMs: number;

	constructor(parts: TokensParts) {
		this.#parts = parts;
		this.#lifetimeMs = Math.max(parts.lifetimeSeconds * 1000, shortestLifetimeMs);
	}

	async issue({
		caller,
		scopes,
		address,
		service,
		lifetimeSeconds,
		offline = false,
	}: TokenRequest): Promise<TokenAnswer> {
		const lifetimeMs = lifetimeSeconds === undefined ? this.#lifetimeMs : lifetimeSeconds * 1000;
		const issuedAt = Math.floor(this.#parts.now() / 1000) * 1000;
		const expiresAt = Math.min(issuedAt + lifetimeMs, caller.expiresAt ?? Infinity);
		const owner = {subject: caller.user?.name ?? (caller.anonymous ? undefined : caller.name), issuedAt, service};
		const user = caller.user && {id: caller.user.id, version: caller.user.version};
		const claims = {
			user,
			parent: caller.accessToken,
			access: grantScopes(scopes, caller, address),
			catalog: caller.catalog && asksForCatalog(scopes),
		};
		const token = await this.#parts.signer.sign('access', {...owner, expiresAt, claims});
		const answer = {
			token,
			access_token: token,
			expires_in: (expiresAt - issuedAt) / 1000,
			issued_at: new Date(issuedAt).toISOString(),
		};
		if (!offline || user?.version === undefined || caller.expiresAt !== undefined) {
			return answer;
		}
		const refresh = {...owner, expiresAt: issuedAt + refreshLifetimeMs, claims: {user}};
		return {...answer, refresh_token: await this.#parts.signer.sign('refresh', refresh)};
	}

	/** Undefined when the token is not valid any more, or never was. */
	async findCaller(token: string): Promise<FoundTokenCaller | undefined> {
		const owner = await this.findOwner('access', token);
		const entries = findAccessEntries(owner?.content.claims.access);
		if (owner === undefined || entries === undefined) {
			return undefined;
		}
		const {user, rights, watched, content} = owner;
		const {expiresAt, claims, subject: name} = content;
		const accessToken = owner.token?.value?.id;
		const catalog = claims.catalog === true;
		const caller = new TokenCaller({name, user, accessToken, rights, entries, catalog, expiresAt});
		return {caller, watched, token: owner.token};
	}

	/** Undefined when the token is not of this kind, or not valid any more. */
	async findOwner(kind: TokenKind, token: string): Promise<TokenOwner | undefined> {
		const content = await this.#parts.signer.verify(kind, token);
		if (content?.subject === undefined) {
			return content && {content, rights: this.#parts.anonymous};
		}
		const {parent} = content.claims;
		return typeof parent === 'string' ? this.#findHeir(content, parent) : this.#findUser(content, content.subject);
	}

	/** What a token with a row says; undefined when it is none of ours, or not valid now. */
	verifyGranted(token: string): Promise<TokenContent | undefined> {
		return this.#parts.signer.verify('granted', token);
	}

	/** The bearer of a token that was issued to who had shown another one: ends with that. */
	async #findHeir(content: TokenContent, parent: string): Promise<TokenOwner | undefined> {
		const owner = await this.#parts.accessTokens.find(parent);
		return (
			owner && {content, rights: owner.caller, user: owner.caller.user, watched: owner.watched, token: owner.token}
		);
	}

	async #findUser(content: TokenContent, name: string): Promise<TokenOwner | undefined> {
		const {users} = this.#parts;
		const user = findIdentity(name, content.claims.user);
		const watched = await users.find(name);
		const current = user !== undefined && (await users.isCurrent(watched, user));
		return current ? {user, watched, content, rights: users.rightsOf(watched)} : undefined;
	}
}

function findIdentity(name: string, claim: unknown): UserIdentity | undefined {
	const {id, version} = (claim ?? {}) as Partial<Record<keyof UserIdentity, unknown>>;
	return typeof id === 'number' && typeof version === 'number' ? {id, name, version} : undefined;
}
