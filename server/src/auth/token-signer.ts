import {randomBytes, webcrypto} from 'node:crypto';
import type {SettingRecords} from '@stowage/core';
import type {JWSHeaderParameters, JWTPayload} from 'jose';
import {CompactSign} from 'jose/jws/compact/sign';
import {jwtVerify} from 'jose/jwt/verify';
import {decodeProtectedHeader} from 'jose/decode/protected_header';
import {readSigningKeys} from './signing-keys.ts';

const algorithm = 'HS256';
/** Clocks of nodes may differ by this much. */
const earlySeconds = 30;

/** The `typ` of each kind of token (RFC 8725, section 3.11), so that none passes for another. */
const types = {access: 'at+jwt', refresh: 'stowage-refresh+jwt', granted: 'stowage-granted+jwt'} as const;

/** `access`: from the token end-point. `granted`: one that can be revoked, and has a row. */
export type TokenKind = keyof typeof types;

export interface TokenContent {
	/** The user's name; undefined in the token of somebody who did not sign in. */
	readonly subject?: string;
	/** Milliseconds since 1970, kept in whole seconds; `Infinity`, which only a granted one may have, for never. */
	readonly expiresAt: number;
	/** A random one unless told. */
	readonly id?: string;
	/** What the token is good for, as claims of our own. */
	readonly claims: Readonly<Record<string, unknown>>;
}

export interface NewToken extends TokenContent {
	readonly issuedAt: number;
	/** The service that the client asked the token for: told in the audience, beside this installation. */
	readonly service?: string;
}

/** As often at most are keys read because of one that is not known. */
const reloadEveryMs = 1000;

interface LoadedKeys {
	readonly issuer: string;
	/** What comes before a user's name in `sub`: the form in which JFrog's own tools look for it. */
	readonly users: string;
	readonly anonymous: string;
	readonly kid: string | undefined;
	readonly keys: ReadonlyMap<string, webcrypto.CryptoKey>;
}

/** Signs and verifies JSON Web Tokens (RFC 7519) with keys that all nodes share. Says nothing of what a token is good for. */
export class TokenSigner {
	readonly #settings: SettingRecords;
	readonly #now: () => number;
	#loaded: LoadedKeys;
	#loadedAt: number;

	private constructor(settings: SettingRecords, loaded: LoadedKeys, now: () => number) {
		this.#settings = settings;
		this.#now = now;
		this.#loaded = loaded;
		this.#loadedAt = now();
	}

	/** Makes the keys if this is the first start of all nodes. */
	static async open(settings: SettingRecords, now: () => number): Promise<TokenSigner> {
		return new TokenSigner(settings, await load(settings), now);
	}

	/** Name of this installation. */
	get issuer(): string {
		return this.#loaded.issuer;
	}

	/** Takes up keys that were added, and lets go of those that were dropped: true when there were such. */
	async reload(): Promise<boolean> {
		this.#loadedAt = this.#now();
		const before = this.#loaded;
		this.#loaded = await load(this.#settings);
		return [...before.keys.keys()].some(kid => !this.#loaded.keys.has(kid));
	}

	async sign(kind: TokenKind, {subject, issuedAt, expiresAt, service, claims, id}: NewToken): Promise<string> {
		const {issuer, users, anonymous, kid} = this.#loaded;
		const iat = Math.floor(issuedAt / 1000);
		const payload = encodePayload({
			...claims,
			iss: issuer,
			sub: subject === undefined ? anonymous : users + subject,
			aud: service === undefined ? [issuer] : [issuer, service],
			iat,
			nbf: iat - earlySeconds,
			...(expiresAt !== Infinity && {exp: Math.floor(expiresAt / 1000)}),
			jti: id ?? randomBytes(16).toString('hex'),
		});
		const header = {alg: algorithm, kid, typ: types[kind]};
		return new CompactSign(payload).setProtectedHeader(header).sign(this.#keyFor(header));
	}

	/** Undefined when `token` is not of this kind, not signed by us, or not valid now. */
	async verify(kind: TokenKind, token: string): Promise<TokenContent | undefined> {
		try {
			await this.#reloadFor(decodeProtectedHeader(token));
			const {issuer} = this.#loaded;
			const {payload} = await jwtVerify(token, header => this.#keyFor(header), {
				algorithms: [algorithm],
				typ: types[kind],
				issuer,
				audience: issuer,
				requiredClaims: ['sub', 'iat', 'nbf', 'jti', ...(kind === 'granted' ? [] : ['exp'])],
				currentDate: new Date(this.#now()),
			});
			return this.#contentOf(payload);
		} catch {
			// jose throws for whatever is wrong with a token; which it was is nothing to tell.
			return undefined;
		}
	}

	/** Another node may sign with a new key before this one has heard of it. */
	async #reloadFor({kid = ''}: JWSHeaderParameters): Promise<void> {
		if (!this.#loaded.keys.has(kid) && this.#now() - this.#loadedAt >= reloadEveryMs) {
			await this.reload();
		}
	}

	/** A header that brings or points to a key of its own is refused whatever it is signed with. */
	#keyFor({kid, jwk, jku, x5c, x5u}: JWSHeaderParameters): webcrypto.CryptoKey {
		const key = (jwk ?? jku ?? x5c ?? x5u) === undefined ? this.#loaded.keys.get(kid ?? '') : undefined;
		if (key === undefined) {
			throw new Error('not a key of ours');
		}
		return key;
	}

	#contentOf({sub = '', exp = Infinity, jti, ...claims}: JWTPayload): TokenContent | undefined {
		const {users, anonymous} = this.#loaded;
		const content = {expiresAt: exp * 1000, id: jti, claims};
		if (sub.startsWith(users)) {
			return {...content, subject: sub.slice(users.length)};
		}
		return sub === anonymous ? content : undefined;
	}
}

async function load(settings: SettingRecords): Promise<LoadedKeys> {
	const {issuer, keys} = await readSigningKeys(settings);
	const imported = keys.map(async ({kid, secret}) => [kid, await importKey(secret)] as const);
	return {
		issuer,
		users: `${issuer}/users/`,
		anonymous: `${issuer}/anonymous`,
		kid: keys[0]?.kid,
		keys: new Map(await Promise.all(imported)),
	};
}

/**
 * JSON in which base64url differs in nothing from base64: of all bytes only `>`, `?`, `~` and those outside of ASCII can
 * come out as `-` or `_`, which JFrog's own tools do not read.
 */
function encodePayload(claims: object): Uint8Array {
	const escaped = JSON.stringify(claims).replace(
		/[^ -}]|[>?]/g,
		character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	return Buffer.from(escaped);
}

function importKey(secret: string): Promise<webcrypto.CryptoKey> {
	const key = Buffer.from(secret, 'base64');
	return webcrypto.subtle.importKey('raw', key, {name: 'HMAC', hash: 'SHA-256'}, false, ['sign', 'verify']);
}
