import type {Page, PageRequest} from '../types/page.ts';

export interface UserRecord {
	readonly id: number;
	/** Compared byte by byte. */
	readonly name: string;
	readonly admin: boolean;
	readonly disabled: boolean;
	/** In PHC string form; absent when this user cannot sign in with a password. */
	readonly passwordHash?: string;
	readonly email?: string;
	/** Which authenticator knows the user; left out for one who is known only here. */
	readonly realm?: string;
	/** What that authenticator calls him. */
	readonly externalId?: string;
	/** Whether the user may not change his own profile. Left out for no, like those below. */
	readonly profileLocked?: boolean;
	/** Whether a password of our own is not asked for. */
	readonly internalPasswordDisabled?: boolean;
	/** Whether the user is kept out of the web console. */
	readonly uiDisabled?: boolean;
	/** When he last signed in, to the minute; not a change of the record. */
	readonly lastLoggedIn?: Date;
	/** Grows by one with every change. */
	readonly version: number;
	/** Grows when the password or what an administrator decides about the user changes: what he proved before counts no more. */
	readonly credentialVersion: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
}

export type NewUserRecord = Omit<
	UserRecord,
	'id' | 'version' | 'credentialVersion' | 'createdAt' | 'updatedAt' | 'lastLoggedIn'
>;

export interface UserRecords {
	find(name: string): Promise<UserRecord | undefined>;
	/** In byte order of the names, which are the cursor. */
	list(page: PageRequest): Promise<Page<UserRecord>>;
	/** Throws `ConflictError` when the name is taken. */
	insert(user: NewUserRecord): Promise<UserRecord>;
	/** Throws `ConflictError` unless `user.version` is the stored one. Its `lastLoggedIn` is not stored. */
	update(user: UserRecord): Promise<UserRecord>;
	/** With memberships, grants, tokens and keys of the user. False when there was none. */
	delete(id: number): Promise<boolean>;
	/** Remembers a sign-in, unless one of the last minute is remembered. */
	signedIn(id: number, at: Date): Promise<void>;
}
