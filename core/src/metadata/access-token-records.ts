/** `access`: issued for a purpose. `api-key`: the one key that stands for a user. */
export type AccessTokenKind = 'access' | 'api-key';

/** A token that can be revoked: it is good as long as its row is there. No row holds a secret, only hashes of them. */
export interface AccessTokenRecord {
	/** A UUID. */
	readonly id: string;
	readonly kind: AccessTokenKind;
	/** Name of the user; without `userId` one that no user has, who may what the groups of the scope may. */
	readonly subject: string;
	readonly userId?: number;
	/** As `findTokenScope` reads it. */
	readonly scope: string;
	readonly description: string;
	readonly issuedBy: string;
	readonly issuedAt: Date;
	/** Left out when it is good until it is revoked. */
	readonly expiresAt?: Date;
	/** SHA-256, in hexadecimal digits, of what is shown instead of the token itself. */
	readonly secretHash?: string;
	/** The same of the refresh token. */
	readonly refreshHash?: string;
	/** From when on neither token nor refresh token is good for anything. */
	readonly endsAt?: Date;
}

export interface AccessTokenRecords {
	find(id: string): Promise<AccessTokenRecord | undefined>;
	findBySecret(secretHash: string): Promise<AccessTokenRecord | undefined>;
	findByRefresh(refreshHash: string): Promise<AccessTokenRecord | undefined>;
	/** The API key of a user. */
	findApiKey(userId: number): Promise<AccessTokenRecord | undefined>;
	/** Access tokens of that subject, or all; the oldest first. */
	list(subject?: string): Promise<readonly AccessTokenRecord[]>;
	/** Throws `ConflictError` when the user is being deleted, or has an API key and is to get another. */
	insert(token: AccessTokenRecord): Promise<void>;
	/** False when there was none: of several who revoke or refresh a token at once, one is told true. */
	delete(id: string): Promise<boolean>;
	/** Those that have ended before `at`. */
	deleteEnded(at: Date): Promise<void>;
}
