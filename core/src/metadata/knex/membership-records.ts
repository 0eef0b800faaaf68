import type {MembershipRecords} from '../membership-records.ts';
import {chunks} from './chunks.ts';
import type {Session} from './session.ts';

const groupsSql =
	'select g.name from memberships m join user_groups g on g.id = m.group_id where m.user_id = ? order by g.name';
const membersSql =
	'select u.name from memberships m join users u on u.id = m.user_id where m.group_id = ? order by u.name';

export class KnexMembershipRecords implements MembershipRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async groupsOf(userId: number): Promise<readonly string[]> {
		const rows = await this.#session.select<{name: string}>(groupsSql, [userId]);
		return rows.map(({name}) => name);
	}

	async membersOf(groupId: number): Promise<readonly string[]> {
		const rows = await this.#session.select<{name: string}>(membersSql, [groupId]);
		return rows.map(({name}) => name);
	}

	setGroups(userId: number, groupIds: readonly number[]): Promise<void> {
		const rows = [...new Set(groupIds)].map(id => ({user_id: userId, group_id: id}));
		return this.#replace({user_id: userId}, rows);
	}

	setMembers(groupId: number, userIds: readonly number[]): Promise<void> {
		const rows = [...new Set(userIds)].map(id => ({user_id: id, group_id: groupId}));
		return this.#replace({group_id: groupId}, rows);
	}

	#replace(old: object, added: readonly object[]): Promise<void> {
		return this.#session.transaction(async session => {
			await session.run('memberships', rows => rows.where(old).delete());
			for (const chunk of chunks(added)) {
				await session.run('memberships', rows => rows.insert(chunk));
			}
		});
	}
}
