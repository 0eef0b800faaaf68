/** Who is in which group. All throw `ConflictError` when a user or group that they name is being deleted. */
export interface MembershipRecords {
	/** Names of the groups of a user, in byte order. */
	groupsOf(userId: number): Promise<readonly string[]>;
	/** Names of the members of a group, in byte order. */
	membersOf(groupId: number): Promise<readonly string[]>;
	/** Makes the user a member of these groups and of no other. */
	setGroups(userId: number, groupIds: readonly number[]): Promise<void>;
	/** Makes these users the members of the group, and nobody else. */
	setMembers(groupId: number, userIds: readonly number[]): Promise<void>;
}
