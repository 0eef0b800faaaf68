export interface GroupRecord {
	readonly id: number;
	/** Compared byte by byte. */
	readonly name: string;
	readonly description: string;
	/** Whether new users are made members of it. */
	readonly autoJoin: boolean;
	/** Whether its members are administrators. */
	readonly adminPrivileges: boolean;
	/** Which authenticator says who is a member; left out where that is said here. */
	readonly realm?: string;
	/** What that authenticator needs to know about it. */
	readonly realmAttributes?: string;
	/** What that authenticator calls it. */
	readonly externalId?: string;
	/** Grows by one with every change. */
	readonly version: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
}

export type NewGroupRecord = Omit<GroupRecord, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

/** Groups of users. Every change of a group advances `AccessRevision`. */
export interface GroupRecords {
	find(name: string): Promise<GroupRecord | undefined>;
	/** All of them, in byte order of their names. */
	list(): Promise<readonly GroupRecord[]>;
	/** Throws `ConflictError` when the name is taken. */
	insert(group: NewGroupRecord): Promise<GroupRecord>;
	/** Throws `ConflictError` unless `group.version` is the stored one. */
	update(group: GroupRecord): Promise<GroupRecord>;
	/** With its memberships and grants. False when there was none. */
	delete(id: number): Promise<boolean>;
}
