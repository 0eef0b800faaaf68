import {randomBytes, webcrypto} from 'node:crypto';
import type {Json, SettingRecords} from '@stowage/core';
import type {JWSHeaderParameters, JWTPayload} from 'jose';
import {CompactSign} from 'jose/jws/compact/sign';
import {jwtVerify} from 'jose/jwt/verify';

const algorithm = 'HS256';
const settingName = 'token-signing-keys';
/** Clocks of nodes may differ by this much. */
const earlySeconds = 30;

/** The `typ` of each kind of token (RFC 8725, section 3.11), so that none passes for another. */
const types = {access: 'at+jwt', refresh: 'stowage-refresh+jwt'} as const;

export type TokenKind = keyof typeof types;

export interface TokenContent {
	/** The user's name; undefined in the token of somebody who did not sign in. */
	readonly subject?: string;
	/** Milliseconds since 1970; kept in whole seconds. */
	readonly expiresAt: number;
	/** What the token is good for, as claims of our own. */
	readonly claims: Readonly<Record<string, unknown>>;
}

export interface NewToken extends TokenContent {
	readonly issuedAt: number;
	/** The service that the client asked the token for: told in the audience, beside this installation. */
	readonly service?: string;
}

interface StoredKeys {
	readonly issuer: string;
	/** The first one signs. */
	readonly keys: readonly {readonly kid: string; readonly secret: string}[];
}

/** Signs and verifies JSON Web Tokens (RFC 7519) with keys that all nodes share. Says nothing of what a token is good for. */
export class TokenSigner {
	readonly #issuer: string;
	/** What comes before a user's name in `sub`: the form in which JFrog's own tools look for it. */
	readonly #users: string;
	readonly #anonymous: string;
	readonly #kid: string | undefined;
	readonly #keys: ReadonlyMap<string, webcrypto.CryptoKey>;
	readonly #now: () => number;

	private constructor(stored: StoredKeys, keys: ReadonlyMap<string, webcrypto.CryptoKey>, now: () => number) {
		this.#issuer = stored.issuer;
		this.#users = `${stored.issuer}/users/`;
		this.#anonymous = `${stored.issuer}/anonymous`;
		this.#kid = stored.keys[0]?.kid;
		this.#keys = keys;
		this.#now = now;
	}

	/** Makes the keys if this is the first start of all nodes. */
	static async open(settings: SettingRecords, now: () => number): Promise<TokenSigner> {
		const stored = checkKeys(await settings.insertOnce(settingName, makeKeys()));
		const imported = stored.keys.map(async ({kid, secret}) => [kid, await importKey(secret)] as const);
		return new TokenSigner(stored, new Map(await Promise.all(imported)), now);
	}

	async sign(kind: TokenKind, {subject, issuedAt, expiresAt, service, claims}: NewToken): Promise<string> {
		const iat = Math.floor(issuedAt / 1000);
		const payload = encodePayload({
			...claims,
			iss: this.#issuer,
			sub: subject === undefined ? this.#anonymous : this.#users + subject,
			aud: service === undefined ? [this.#issuer] : [this.#issuer, service],
			iat,
			nbf: iat - earlySeconds,
			exp: Math.floor(expiresAt / 1000),
			jti: randomBytes(16).toString('hex'),
		});
		const header = {alg: algorithm, kid: this.#kid, typ: types[kind]};
		return new CompactSign(payload).setProtectedHeader(header).sign(this.#keyFor(header));
	}

	/** Undefined when `token` is not of this kind, not signed by us, or not valid now. */
	async verify(kind: TokenKind, token: string): Promise<TokenContent | undefined> {
		try {
			const {payload} = await jwtVerify(token, header => this.#keyFor(header), {
				algorithms: [algorithm],
				typ: types[kind],
				issuer: this.#issuer,
				audience: this.#issuer,
				requiredClaims: ['sub', 'iat', 'nbf', 'exp', 'jti'],
				currentDate: new Date(this.#now()),
			});
			return this.#contentOf(payload);
		} catch {
			// jose throws for whatever is wrong with a token; which it was is nothing to tell.
			return undefined;
		}
	}

	/** A header that brings or points to a key of its own is refused whatever it is signed with. */
	#keyFor({kid, jwk, jku, x5c, x5u}: JWSHeaderParameters): webcrypto.CryptoKey {
		const key = (jwk ?? jku ?? x5c ?? x5u) === undefined ? this.#keys.get(kid ?? '') : undefined;
		if (key === undefined) {
			throw new Error('not a key of ours');
		}
		return key;
	}

	#contentOf({sub = '', exp = 0, ...claims}: JWTPayload): TokenContent | undefined {
		const expiresAt = exp * 1000;
		if (sub.startsWith(this.#users)) {
			return {subject: sub.slice(this.#users.length), expiresAt, claims};
		}
		return sub === this.#anonymous ? {expiresAt, claims} : undefined;
	}
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

function makeKeys(): Json {
	return {
		issuer: `stowage@${randomBytes(8).toString('hex')}`,
		keys: [{kid: randomBytes(8).toString('hex'), secret: randomBytes(32).toString('base64')}],
	};
}

function checkKeys(stored: Json): StoredKeys {
	const {issuer, keys} = (stored ?? {}) as Partial<StoredKeys>;
	if (typeof issuer !== 'string' || !Array.isArray(keys) || keys.length === 0) {
		throw new Error(`the setting "${settingName}" holds no keys`);
	}
	return {issuer, keys};
}

function importKey(secret: string): Promise<webcrypto.CryptoKey> {
	const key = Buffer.from(secret, 'base64');
	return webcrypto.subtle.importKey('raw', key, {name: 'HMAC', hash: 'SHA-256'}, false, ['sign', 'verify']);
}
