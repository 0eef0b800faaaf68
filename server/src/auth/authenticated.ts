import type {Action, Caller, ImageName, UserRecord} from '@stowage/core';

/** Which state of which user somebody proved to be. A changed, disabled or removed user is not this one any more. */
export type UserIdentity = Pick<UserRecord, 'id' | 'name' | 'version'>;

/** A caller whose credentials, if any, were found right. */
export interface Authenticated extends Caller {
	/** Undefined for who did not sign in. */
	readonly user?: UserIdentity;
	/** Milliseconds since 1970; set when the credentials are a token, whose own rights end then. */
	readonly expiresAt?: number;
	/** False for a token that was not issued for the catalog (`registry:catalog:*`). */
	readonly catalog: boolean;
	/**
	 * Who asks for lists of images, such as the catalog: this caller, who may besides read all that the user may when his
	 * token was issued for the catalog. Never to be used for content.
	 */
	readonly listing: Authenticated;
	/** True when the user's own rights would allow it and only the token's scope does not: answered with 401 and a challenge instead of 403. */
	lacksScope(action: Action, repository: string, image?: ImageName): boolean;
}
