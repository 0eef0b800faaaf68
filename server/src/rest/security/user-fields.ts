import type {UserRecord} from '@stowage/core';
import {type Static, Type} from 'typebox';
import type {UserAccount, UserChange} from '../../auth/accounts/user-accounts.ts';
import {lenient, optional, told} from './lenient-fields.ts';

/** A user as clients of Artifactory send him. */
export const userSchema = lenient({
	name: optional(Type.String()),
	email: optional(Type.String()),
	password: optional(Type.String({writeOnly: true})),
	admin: optional(Type.Boolean()),
	profileUpdatable: optional(Type.Boolean()),
	disableUIAccess: optional(Type.Boolean()),
	internalPasswordDisabled: optional(Type.Boolean()),
	status: optional(Type.String({pattern: '^(?:[eE][nN][aA][bB][lL][eE][dD]|[dD][iI][sS][aA][bB][lL][eE][dD])$'})),
	groups: optional(Type.Array(Type.String())),
});

/** A user as he is shown: never a hash of anything. */
export const shownUserSchema = lenient({
	name: Type.String(),
	email: Type.Optional(Type.String()),
	admin: Type.Boolean(),
	profileUpdatable: Type.Boolean(),
	disableUIAccess: Type.Boolean(),
	internalPasswordDisabled: Type.Boolean(),
	lastLoggedIn: Type.Optional(Type.String({format: 'date-time'})),
	realm: Type.String(),
	groups: Type.Optional(Type.Array(Type.String())),
	status: Type.String(),
	mfaStatus: Type.String(),
	policyManager: Type.Boolean(),
	watchManager: Type.Boolean(),
	reportsManager: Type.Boolean(),
});

export function userChange(fields: Static<typeof userSchema>): UserChange {
	const {profileUpdatable, status} = fields;
	return {
		password: told(fields.password),
		email: told(fields.email),
		admin: told(fields.admin),
		disabled: typeof status === 'string' ? status.toUpperCase() === 'DISABLED' : undefined,
		profileLocked: typeof profileUpdatable === 'boolean' ? !profileUpdatable : undefined,
		internalPasswordDisabled: told(fields.internalPasswordDisabled),
		uiDisabled: told(fields.disableUIAccess),
		groups: told(fields.groups),
	};
}

/** What of a user is not told is as a new one has it. */
export function replacement(change: UserChange): UserChange {
	const given = Object.entries(change).filter(([, value]) => value !== undefined);
	return {
		email: '',
		admin: false,
		disabled: false,
		profileLocked: false,
		internalPasswordDisabled: false,
		uiDisabled: false,
		...Object.fromEntries(given),
	};
}

export function shownUser({user, groups}: UserAccount): Static<typeof shownUserSchema> {
	return {
		name: user.name,
		...(user.email !== undefined && {email: user.email}),
		admin: user.admin,
		profileUpdatable: user.profileLocked !== true,
		disableUIAccess: user.uiDisabled === true,
		internalPasswordDisabled: user.internalPasswordDisabled === true,
		...(user.lastLoggedIn !== undefined && {lastLoggedIn: user.lastLoggedIn.toISOString()}),
		realm: user.realm ?? 'internal',
		...(groups.length > 0 && {groups: [...groups]}),
		status: statusOf(user),
		mfaStatus: 'NONE',
		policyManager: false,
		watchManager: false,
		reportsManager: false,
	};
}

export function statusOf({disabled}: UserRecord): 'DISABLED' | 'ENABLED' {
	return disabled ? 'DISABLED' : 'ENABLED';
}
