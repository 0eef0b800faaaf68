import {type Action, isAction} from '../../access/action.ts';
import {
	type Grants,
	type PermissionSection,
	type PermissionSectionName,
	type PermissionTarget,
	permissionSections,
} from '../../access/permission-target.ts';
import {ConflictError} from '../conflict-error.ts';
import type {PermissionTargetRecord, PermissionTargetRecords} from '../permission-target-records.ts';
import {KnexAccessRevision} from './access-revision.ts';
import {chunks} from './chunks.ts';
import type {Session} from './session.ts';
import {updateVersion} from './versioned-update.ts';

const listSql = 'select * from permission_targets order by name';
const findSql = 'select * from permission_targets where name = ?';
const usersSql =
	'select g.target_id, g.section, u.name, g.actions from permission_users g join users u on u.id = g.user_id';
const groupsSql =
	'select g.target_id, g.section, u.name, g.actions from permission_groups g join user_groups u on u.id = g.group_id';

/** Of both kinds of principals. */
const grantTables = [
	{kind: 'users', table: 'permission_users', principals: 'users', column: 'user_id', listSql: usersSql},
	{kind: 'groups', table: 'permission_groups', principals: 'user_groups', column: 'group_id', listSql: groupsSql},
] as const;

type Places = Pick<PermissionSection, 'repositories' | 'includes' | 'excludes'>;

interface TargetRow {
	readonly id: number;
	readonly name: string;
	readonly sections: string;
	readonly version: number;
	readonly created_at: number;
	readonly updated_at: number;
}

interface GrantRow {
	readonly target_id: number;
	readonly section: PermissionSectionName;
	readonly name: string;
	readonly actions: string;
}

/** Grants by target, section, kind of principal. */
type GrantLists = Map<string, [name: string, actions: readonly Action[]][]>;

export class KnexPermissionTargetRecords implements PermissionTargetRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async find(name: string): Promise<PermissionTargetRecord | undefined> {
		return this.#session.transaction(async session => {
			const row = await session.selectFirst<TargetRow>(findSql, [name]);
			return row && toTarget(row, await readGrants(session, ' where g.target_id = ?', [row.id]));
		});
	}

	/** In one transaction, so that targets and grants are of one moment. */
	async list(): Promise<readonly PermissionTargetRecord[]> {
		return this.#session.transaction(async session => {
			const rows = await session.select<TargetRow>(listSql, []);
			const grants = await readGrants(session, '', []);
			return rows.map(row => toTarget(row, grants));
		});
	}

	insert(target: PermissionTarget): Promise<PermissionTargetRecord> {
		const now = new Date();
		const row = {...toRow(target), version: 1, created_at: now.getTime(), updated_at: now.getTime()};
		return this.#session.transaction(async session => {
			await new KnexAccessRevision(session).advance();
			const [id = 0] = await session.run<readonly number[]>('permission_targets', rows => rows.insert(row));
			await insertGrants(session, id, target);
			return {...target, id, version: 1, createdAt: now, updatedAt: now};
		});
	}

	update(target: PermissionTargetRecord): Promise<PermissionTargetRecord> {
		const {id, version} = target;
		const updatedAt = new Date();
		const row = {...toRow(target), updated_at: updatedAt.getTime()};
		return this.#session.transaction(async session => {
			await new KnexAccessRevision(session).advance();
			await updateVersion(session, {table: 'permission_targets', id, version, row});
			await deleteGrants(session, id);
			await insertGrants(session, id, target);
			return {...target, version: version + 1, updatedAt};
		});
	}

	delete(id: number): Promise<boolean> {
		return this.#session.transaction(async session => {
			await new KnexAccessRevision(session).advance();
			await deleteGrants(session, id);
			return (await session.run<number>('permission_targets', rows => rows.where({id}).delete())) > 0;
		});
	}
}

async function readGrants(session: Session, where: string, bindings: readonly number[]): Promise<GrantLists> {
	const lists: GrantLists = new Map();
	for (const {kind, listSql} of grantTables) {
		for (const row of await session.select<GrantRow>(`${listSql}${where} order by u.name`, bindings)) {
			const key = `${row.target_id} ${row.section} ${kind}`;
			const list = lists.get(key) ?? [];
			list.push([row.name, row.actions.split(',').filter(isAction)]);
			lists.set(key, list);
		}
	}
	return lists;
}

async function deleteGrants(session: Session, id: number): Promise<void> {
	for (const {table} of grantTables) {
		await session.run(table, rows => rows.where({target_id: id}).delete());
	}
}

async function insertGrants(session: Session, id: number, target: PermissionTarget): Promise<void> {
	for (const {kind, table, principals, column} of grantTables) {
		const grants = permissionSections.flatMap(section =>
			Object.entries(target[section]?.[kind] ?? {}).map(([name, actions]) => ({section, name, actions})),
		);
		const ids = await readIds(session, principals, [...new Set(grants.map(({name}) => name))]);
		const added = grants.map(({section, name, actions}) => {
			const principal = ids.get(name);
			if (principal === undefined) {
				throw new ConflictError(`${principals}: there is no "${name}" to grant anything to`);
			}
			return {target_id: id, section, [column]: principal, actions: actions.join(',')};
		});
		for (const chunk of chunks(added)) {
			await session.run(table, rows => rows.insert(chunk));
		}
	}
}

async function readIds(
	session: Session,
	table: 'users' | 'user_groups',
	names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
	const ids = new Map<string, number>();
	for (const chunk of chunks(names)) {
		const found = await session.run<readonly {readonly id: number; readonly name: string}[]>(table, rows =>
			rows.select('id', 'name').whereIn('name', chunk),
		);
		for (const {id, name} of found) {
			ids.set(name, id);
		}
	}
	return ids;
}

function toRow({name, repo, build}: PermissionTarget): object {
	return {name, sections: JSON.stringify({repo: repo && placesOf(repo), build: build && placesOf(build)})};
}

function placesOf({repositories, includes, excludes}: Places): Places {
	return {repositories, includes, excludes};
}

function toTarget(row: TargetRow, grants: GrantLists): PermissionTargetRecord {
	const sections = JSON.parse(row.sections) as Partial<Record<PermissionSectionName, Places>>;
	const grantsOf = (section: PermissionSectionName, kind: 'users' | 'groups'): Grants =>
		Object.fromEntries(grants.get(`${row.id} ${section} ${kind}`) ?? []);
	const sectionOf = (name: PermissionSectionName): Partial<Record<PermissionSectionName, PermissionSection>> => {
		const places = sections[name];
		return places === undefined
			? {}
			: {[name]: {...places, users: grantsOf(name, 'users'), groups: grantsOf(name, 'groups')}};
	};
	return {
		id: row.id,
		name: row.name,
		...sectionOf('repo'),
		...sectionOf('build'),
		version: row.version,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	};
}
