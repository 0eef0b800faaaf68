import type {GroupRecord, GroupRecords, NewGroupRecord} from '../group-records.ts';
import {KnexAccessRevision} from './access-revision.ts';
import type {Session} from './session.ts';
import {updateVersion} from './versioned-update.ts';

const findSql = 'select * from user_groups where name = ?';
const listSql = 'select * from user_groups order by name';

interface GroupRow {
	readonly id: number;
	readonly name: string;
	readonly description: string;
	readonly auto_join: number;
	readonly admin_privileges: number;
	readonly realm: string | null;
	readonly realm_attributes: string | null;
	readonly external_id: string | null;
	readonly version: number;
	readonly created_at: number;
	readonly updated_at: number;
}

export class KnexGroupRecords implements GroupRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async find(name: string): Promise<GroupRecord | undefined> {
		const row = await this.#session.selectFirst<GroupRow>(findSql, [name]);
		return row && toGroup(row);
	}

	async list(): Promise<readonly GroupRecord[]> {
		return (await this.#session.select<GroupRow>(listSql, [])).map(toGroup);
	}

	insert(group: NewGroupRecord): Promise<GroupRecord> {
		const now = new Date();
		const row = {...toRow(group), version: 1, created_at: now.getTime(), updated_at: now.getTime()};
		return this.#session.transaction(async session => {
			await new KnexAccessRevision(session).advance();
			const [id = 0] = await session.run<readonly number[]>('user_groups', rows => rows.insert(row));
			return {...group, id, version: 1, createdAt: now, updatedAt: now};
		});
	}

	update(group: GroupRecord): Promise<GroupRecord> {
		const {id, version} = group;
		const updatedAt = new Date();
		const row = {...toRow(group), updated_at: updatedAt.getTime()};
		return this.#session.transaction(async session => {
			await new KnexAccessRevision(session).advance();
			await updateVersion(session, {table: 'user_groups', id, version, row});
			return {...group, version: version + 1, updatedAt};
		});
	}

	delete(id: number): Promise<boolean> {
		return this.#session.transaction(async session => {
			await new KnexAccessRevision(session).advance();
			await session.run('user_groups', rows => session.lock(rows.select('id').where({id})));
			for (const table of ['memberships', 'permission_groups'] as const) {
				await session.run(table, rows => rows.where({group_id: id}).delete());
			}
			return (await session.run<number>('user_groups', rows => rows.where({id}).delete())) > 0;
		});
	}
}

function toRow(group: NewGroupRecord): object {
	return {
		name: group.name,
		description: group.description,
		auto_join: Number(group.autoJoin),
		admin_privileges: Number(group.adminPrivileges),
		realm: group.realm ?? null,
		realm_attributes: group.realmAttributes ?? null,
		external_id: group.externalId ?? null,
	};
}

function toGroup(row: GroupRow): GroupRecord {
	return {
		id: row.id,
		name: row.name,
		description: row.description,
		autoJoin: row.auto_join !== 0,
		adminPrivileges: row.admin_privileges !== 0,
		...(row.realm !== null && {realm: row.realm}),
		...(row.realm_attributes !== null && {realmAttributes: row.realm_attributes}),
		...(row.external_id !== null && {externalId: row.external_id}),
		version: row.version,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	};
}
