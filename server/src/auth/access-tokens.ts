import {randomUUID} from 'node:crypto';
import {type AccessTokenRecord, type MetadataStore, RegistryError} from '@stowage/core';
import {type TokenGrant, checkGrant} from './access-token-grant.ts';
import {makeReferenceToken, makeRefreshToken, secretHashOf} from './secret.ts';
import type {TokenSigner} from './token-signer.ts';

/** How long a refresh token is good after the token that it renews has expired. */
const refreshableMs = 30 * 24 * 3_600_000;

export interface AccessTokensParts {
	readonly metadata: MetadataStore;
	readonly signer: TokenSigner;
	readonly now: () => number;
}

export interface IssuedAccessToken {
	readonly record: AccessTokenRecord;
	readonly token: string;
	readonly refreshToken?: string;
	readonly referenceToken?: string;
}

/** Issues, renews and revokes tokens that have rows. A revoked one is refused by all nodes within five seconds. */
export class AccessTokens {
	readonly #metadata: MetadataStore;
	readonly #signer: TokenSigner;
	readonly #now: () => number;

	constructor({metadata, signer, now}: AccessTokensParts) {
		this.#metadata = metadata;
		this.#signer = signer;
		this.#now = now;
	}

	/** As tokens name it: this installation. */
	get issuer(): string {
		return this.#signer.issuer;
	}

	/** Throws `DENIED` for what the caller may not give away, and 400 for what makes no sense. */
	async issue(grant: TokenGrant): Promise<IssuedAccessToken> {
		const {subject, userId, scope, expiresInMs} = await checkGrant(grant, this.#metadata);
		const {refreshable = false, reference = false, description = '', issuer} = grant;
		const issuedAt = this.#secondsNow();
		const expiresAt = expiresInMs === undefined ? undefined : new Date(issuedAt.getTime() + expiresInMs);
		const common = {kind: 'access', subject, userId, scope, description, issuedBy: issuer.name} as const;
		const made = await this.#make({...common, issuedAt, expiresAt}, {refreshable, reference});
		await this.#metadata.accessTokens.deleteEnded(issuedAt);
		await this.#metadata.accessTokens.insert(made.record);
		return made;
	}

	/** Another token in the place of the one that `refreshToken` was given with, which ends. Throws `UNAUTHORIZED`. */
	async refresh(refreshToken: string): Promise<IssuedAccessToken> {
		return this.#metadata.transaction(async store => {
			const old = await store.accessTokens.findByRefresh(secretHashOf(refreshToken));
			const owner = old?.userId === undefined ? undefined : await store.users.find(old.subject);
			const orphaned = old?.userId !== undefined && (owner?.id !== old.userId || owner.disabled);
			const ended = old?.endsAt !== undefined && old.endsAt.getTime() <= this.#now();
			if (old === undefined || orphaned || ended || !(await store.accessTokens.delete(old.id))) {
				throw new RegistryError('UNAUTHORIZED', 'the refresh token is not valid');
			}
			const issuedAt = this.#secondsNow();
			const lifetimeMs = old.expiresAt && old.expiresAt.getTime() - old.issuedAt.getTime();
			const expiresAt = lifetimeMs === undefined ? undefined : new Date(issuedAt.getTime() + lifetimeMs);
			const reference = old.secretHash !== undefined;
			const made = await this.#make({...old, issuedAt, expiresAt}, {refreshable: true, reference});
			await store.accessTokens.insert(made.record);
			return made;
		});
	}

	/** The row of a token, by itself or by the reference token. Undefined when it is revoked or none of ours. */
	async findByToken(token: string): Promise<AccessTokenRecord | undefined> {
		const bySecret = await this.#metadata.accessTokens.findBySecret(secretHashOf(token));
		const id = bySecret?.id ?? (await this.#signer.verify('granted', token))?.id;
		return id === undefined ? undefined : this.#metadata.accessTokens.find(id);
	}

	async #make(
		described: Omit<AccessTokenRecord, 'id' | 'secretHash' | 'refreshHash' | 'endsAt'>,
		{refreshable, reference}: {readonly refreshable: boolean; readonly reference: boolean},
	): Promise<IssuedAccessToken> {
		const id = randomUUID();
		const {subject, scope, issuedAt, expiresAt} = described;
		const referenceToken = reference ? makeReferenceToken() : undefined;
		const refreshToken = refreshable ? makeRefreshToken() : undefined;
		const token = await this.#signer.sign('granted', {
			id,
			subject,
			issuedAt: issuedAt.getTime(),
			expiresAt: expiresAt?.getTime() ?? Infinity,
			claims: {scp: scope},
		});
		const record = {
			...described,
			id,
			secretHash: referenceToken && secretHashOf(referenceToken),
			refreshHash: refreshToken && secretHashOf(refreshToken),
			endsAt: expiresAt && new Date(expiresAt.getTime() + (refreshable ? refreshableMs : 0)),
		};
		return {record, token, refreshToken, referenceToken};
	}

	/** Tokens count in whole seconds. */
	#secondsNow(): Date {
		return new Date(Math.floor(this.#now() / 1000) * 1000);
	}
}
