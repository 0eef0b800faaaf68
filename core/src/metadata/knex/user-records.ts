import type {NewUserRecord, UserRecord, UserRecords} from '../user-records.ts';
import type {Session} from './session.ts';
import {updateVersion} from './versioned-update.ts';

const findSql = 'select * from users where name = ?';

interface UserRow {
	readonly id: number;
	readonly name: string;
	readonly admin: number;
	readonly disabled: number;
	readonly password_hash: string | null;
	readonly version: number;
	readonly created_at: number;
	readonly updated_at: number;
}

export class KnexUserRecords implements UserRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async find(name: string): Promise<UserRecord | undefined> {
		const row = await this.#session.selectFirst<UserRow>(findSql, [name]);
		return row && toUser(row);
	}

	async insert(user: NewUserRecord): Promise<UserRecord> {
		const now = new Date();
		const row = {...toRow(user), version: 1, created_at: now.getTime(), updated_at: now.getTime()};
		const [id = 0] = await this.#session.run<readonly number[]>('users', rows => rows.insert(row));
		return {...user, id, version: 1, createdAt: now, updatedAt: now};
	}

	async update(user: UserRecord): Promise<UserRecord> {
		const {id, version} = user;
		const updatedAt = new Date();
		const row = {...toRow(user), updated_at: updatedAt.getTime()};
		await updateVersion(this.#session, {table: 'users', id, version, row});
		return {...user, version: version + 1, updatedAt};
	}
}

function toRow({name, admin, disabled, passwordHash}: NewUserRecord): object {
	return {name, admin: Number(admin), disabled: Number(disabled), password_hash: passwordHash ?? null};
}

function toUser(row: UserRow): UserRecord {
	return {
		id: row.id,
		name: row.name,
		admin: row.admin !== 0,
		disabled: row.disabled !== 0,
		...(row.password_hash !== null && {passwordHash: row.password_hash}),
		version: row.version,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	};
}
