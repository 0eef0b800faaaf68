export interface UserRecord {
	readonly id: number;
	/** Compared byte by byte. */
	readonly name: string;
	readonly admin: boolean;
	readonly disabled: boolean;
	/** In PHC string form; absent when this user cannot sign in with a password. */
	readonly passwordHash?: string;
	/** Grows by one with every change. */
	readonly version: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
}

export type NewUserRecord = Omit<UserRecord, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

export interface UserRecords {
	find(name: string): Promise<UserRecord | undefined>;
	/** Throws `ConflictError` when the name is taken. */
	insert(user: NewUserRecord): Promise<UserRecord>;
	/** Throws `ConflictError` unless `user.version` is the stored one. */
	update(user: UserRecord): Promise<UserRecord>;
}
