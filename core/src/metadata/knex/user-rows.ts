import type {NewUserRecord, UserRecord} from '../user-records.ts';

/** Columns of `users`, and of `user_profiles`, of which a user may have no row. */
export const userColumns = `u.*, p.email, p.realm, p.external_id, p.profile_locked, p.internal_password_disabled,
	p.ui_disabled, p.credential_version, p.last_logged_in`;
export const userTables = 'users u left join user_profiles p on p.user_id = u.id';

export interface UserRow {
	readonly id: number;
	readonly name: string;
	readonly admin: number;
	readonly disabled: number;
	readonly password_hash: string | null;
	readonly version: number;
	readonly created_at: number;
	readonly updated_at: number;
	readonly email: string | null;
	readonly realm: string | null;
	readonly external_id: string | null;
	readonly profile_locked: number | null;
	readonly internal_password_disabled: number | null;
	readonly ui_disabled: number | null;
	readonly credential_version: number | null;
	readonly last_logged_in: number | null;
}

export function toUserRow({name, admin, disabled, passwordHash}: NewUserRecord): object {
	return {name, admin: Number(admin), disabled: Number(disabled), password_hash: passwordHash ?? null};
}

export function toProfileRow(user: NewUserRecord): object {
	return {
		email: user.email ?? null,
		realm: user.realm ?? null,
		external_id: user.externalId ?? null,
		profile_locked: Number(user.profileLocked ?? false),
		internal_password_disabled: Number(user.internalPasswordDisabled ?? false),
		ui_disabled: Number(user.uiDisabled ?? false),
	};
}

export function toUser(row: UserRow): UserRecord {
	return {
		id: row.id,
		name: row.name,
		admin: row.admin !== 0,
		disabled: row.disabled !== 0,
		...(row.password_hash !== null && {passwordHash: row.password_hash}),
		...(row.email !== null && {email: row.email}),
		...(row.realm !== null && {realm: row.realm}),
		...(row.external_id !== null && {externalId: row.external_id}),
		...(row.profile_locked === 1 && {profileLocked: true}),
		...(row.internal_password_disabled === 1 && {internalPasswordDisabled: true}),
		...(row.ui_disabled === 1 && {uiDisabled: true}),
		...(row.last_logged_in !== null && {lastLoggedIn: new Date(row.last_logged_in)}),
		version: row.version,
		credentialVersion: row.credential_version ?? 1,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	};
}
