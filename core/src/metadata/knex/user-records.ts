import type {Page, PageRequest} from '../../types/page.ts';
import {ConflictError} from '../conflict-error.ts';
import type {NewUserRecord, UserRecord, UserRecords} from '../user-records.ts';
import {KnexAccessRevision} from './access-revision.ts';
import type {Session} from './session.ts';
import {toPage} from './to-page.ts';
import {type UserRow, toProfileRow, toUser, toUserRow, userColumns, userTables} from './user-rows.ts';
import {updateVersion} from './versioned-update.ts';

const findSql = `select ${userColumns} from ${userTables} where u.name = ?`;
const findByIdSql = `select ${userColumns} from ${userTables} where u.id = ?`;
const listSql = `select ${userColumns} from ${userTables} order by u.name limit ?`;
const listAfterSql = `select ${userColumns} from ${userTables} where u.name > ? order by u.name limit ?`;

/** Rows that go before the user's own. */
const ownedTables = ['memberships', 'permission_users', 'access_tokens', 'user_profiles'] as const;

const signInPrecisionMs = 60_000;

export class KnexUserRecords implements UserRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async find(name: string): Promise<UserRecord | undefined> {
		const row = await this.#session.selectFirst<UserRow>(findSql, [name]);
		return row && toUser(row);
	}

	async list({limit, after}: PageRequest): Promise<Page<UserRecord>> {
		const rows = await (after === undefined
			? this.#session.select<UserRow>(listSql, [limit + 1])
			: this.#session.select<UserRow>(listAfterSql, [after, limit + 1]));
		return toPage(rows.map(toUser), limit, user => user.name);
	}

	insert(user: NewUserRecord): Promise<UserRecord> {
		const now = new Date();
		const row = {...toUserRow(user), version: 1, created_at: now.getTime(), updated_at: now.getTime()};
		return this.#session.transaction(async session => {
			const [id = 0] = await session.run<readonly number[]>('users', rows => rows.insert(row));
			const profile = {...toProfileRow(user), user_id: id, credential_version: 1};
			await session.run('user_profiles', rows => rows.insert(profile));
			return {...user, id, version: 1, credentialVersion: 1, createdAt: now, updatedAt: now};
		});
	}

	update(user: UserRecord): Promise<UserRecord> {
		const {id, version} = user;
		const updatedAt = new Date();
		return this.#session.transaction(async session => {
			await updateVersionAfter(session, user, updatedAt);
			const stored = await session.selectFirst<UserRow>(findByIdSql, [id]);
			const credentialVersion = stored?.credential_version ?? 1;
			return {...user, version: version + 1, credentialVersion, updatedAt};
		});
	}

	delete(id: number): Promise<boolean> {
		return this.#session.transaction(async session => {
			const locked = await session.run<readonly object[]>('users', rows => session.lock(rows.select('id').where({id})));
			if (locked.length === 0) {
				return false;
			}
			for (const table of ownedTables) {
				await session.run(table, rows => rows.where({user_id: id}).delete());
			}
			await session.run('users', rows => rows.where({id}).delete());
			await new KnexAccessRevision(session).advance();
			return true;
		});
	}

	async signedIn(id: number, at: Date): Promise<void> {
		const time = at.getTime();
		await this.#session.run('user_profiles', rows =>
			rows
				.where({user_id: id})
				.whereRaw('coalesce(last_logged_in, 0) <= ?', [time - signInPrecisionMs])
				.update({last_logged_in: time}),
		);
	}
}

/** Compares with the row as it is, under a lock, what counts for credentials. */
async function updateVersionAfter(session: Session, user: UserRecord, updatedAt: Date): Promise<void> {
	const {id, version} = user;
	const [locked] = await session.run<readonly UserRow[]>('users', rows => session.lock(rows.select('*').where({id})));
	if (locked === undefined) {
		throw new ConflictError(`users: the row of ${id} is gone`);
	}
	const row = {...toUserRow(user), updated_at: updatedAt.getTime()};
	await updateVersion(session, {table: 'users', id, version, row});
	const same =
		locked.password_hash === (user.passwordHash ?? null) &&
		(locked.admin !== 0) === user.admin &&
		(locked.disabled !== 0) === user.disabled;
	const profile = toProfileRow(user);
	await session.run('user_profiles', rows =>
		rows
			.insert({...profile, user_id: id, credential_version: 1})
			.onConflict('user_id')
			.merge(Object.keys(profile)),
	);
	if (!same) {
		await session.run('user_profiles', rows => rows.where({user_id: id}).increment('credential_version', 1));
	}
}
