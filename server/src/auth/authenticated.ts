import type {Action, Caller, ImageName, Rights, UserRecord} from '@stowage/core';

/** Which state of which user somebody proved to be. A changed, disabled or removed user is not this one any more. */
export interface UserIdentity {
	readonly id: number;
	readonly name: string;
	/** The `credentialVersion`; left out where the credentials outlive a change of the password. */
	readonly version?: number;
}

/** What credentials allow. */
export interface CredentialRights extends Rights {
	/** As of a `Caller`. */
	through?(repository: string): CredentialRights;
}

/** A caller whose credentials, if any, were found right. */
export interface Authenticated extends Caller {
	/** Undefined for who did not sign in, and for the bearer of a token of somebody who is no user. */
	readonly user?: UserIdentity;
	/** Milliseconds since 1970; set when the credentials are a token, whose own rights end then. */
	readonly expiresAt?: number;
	/** The revocable token that he has shown, or that stands behind the one he has shown. */
	readonly accessToken?: string;
	/** Whether he stands for the user himself, so that he may also change what the user signs in with. */
	readonly whole: boolean;
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

/** The user as he is now, for credentials that end when he changes his password. */
export function identityOf({id, name, credentialVersion}: UserRecord): UserIdentity {
	return {id, name, version: credentialVersion};
}
