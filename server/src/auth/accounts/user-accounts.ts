import {rm} from 'node:fs/promises';
import {ConflictError, type MetadataStore, type NewUserRecord, type UserRecord} from '@stowage/core';
import {anonymousName} from '../anonymous-caller.ts';
import {PasswordRefusedError, checkNewPassword} from '../change-password.ts';
import {initialAdminName, initialPasswordFile, isInitialPassword} from '../initial-password.ts';
import {hashPassword} from '../password-hash.ts';
import {accountError} from './account-error.ts';
import {findGroupIds} from './group-ids.ts';
import {isLastAdmin} from './last-admin.ts';

/** A user as an operator states him; what is left out stays as it is, or is what a new user has. */
export interface UserChange {
	readonly password?: string;
	readonly email?: string;
	readonly admin?: boolean;
	readonly disabled?: boolean;
	readonly profileLocked?: boolean;
	readonly internalPasswordDisabled?: boolean;
	readonly uiDisabled?: boolean;
	/** Names of all groups that he is to be in. */
	readonly groups?: readonly string[];
}

export interface UserAccount {
	readonly user: UserRecord;
	readonly groups: readonly string[];
}

/** As Basic credentials and paths can carry it. */
const nameGrammar = /^[A-Za-z0-9_][A-Za-z0-9._@+~-]{0,254}$/;
const longestEmail = 255;
const pageSize = 1000;

/** What is done to users. Changes are seen by all nodes within five seconds. Throws errors that say what cannot be. */
export class UserAccounts {
	readonly #metadata: MetadataStore;
	readonly #data: string | undefined;

	/** `data` is the folder where the first password of the first administrator may be kept: it goes when it is changed. */
	constructor(metadata: MetadataStore, data?: string) {
		this.#metadata = metadata;
		this.#data = data;
	}

	async list(): Promise<readonly UserRecord[]> {
		const users: UserRecord[] = [];
		let after: string | undefined;
		do {
			const page = await this.#metadata.users.list({limit: pageSize, after});
			users.push(...page.items);
			after = page.next;
		} while (after !== undefined);
		return users;
	}

	async find(name: string): Promise<UserAccount | undefined> {
		const user = await this.#metadata.users.find(name);
		return user && {user, groups: await this.#metadata.memberships.groupsOf(user.id)};
	}

	/** Rejects with 409 when there is a user of that name. He is in the groups that new users join, besides those told. */
	async add(name: string, change: UserChange): Promise<UserRecord> {
		checkName(name);
		const passwordHash = await hashOf(change);
		const user = checkUser(changed({name, admin: false, disabled: false}, change, passwordHash));
		if (passwordHash === undefined && user.internalPasswordDisabled !== true && name !== anonymousName) {
			throw accountError('a password is needed, unless the user is not to have one');
		}
		try {
			return await this.#metadata.transaction(async store => {
				const added = await store.users.insert(user);
				const joined = (await store.groups.list()).filter(group => group.autoJoin).map(group => group.id);
				const told = await findGroupIds(store, change.groups ?? []);
				await store.memberships.setGroups(added.id, [...joined, ...told]);
				return added;
			});
		} catch (error) {
			throw error instanceof ConflictError ? accountError(`there is a user "${name}" already`, 409) : error;
		}
	}

	/** Rejects with 404 when there is none. */
	async change(name: string, change: UserChange): Promise<UserRecord> {
		const passwordHash = await hashOf(change);
		const user = await this.#metadata.transaction(async store => {
			const user = await getUser(store, name);
			const next = checkUser({...user, ...changed(user, change, passwordHash)});
			if (user.admin && !user.disabled && (!next.admin || next.disabled) && (await isLastAdmin(store, user))) {
				throw accountError('the last administrator cannot be taken away');
			}
			if (change.groups !== undefined) {
				await store.memberships.setGroups(user.id, await findGroupIds(store, change.groups));
			}
			return store.users.update({...user, ...next});
		});
		await this.#dropOldPassword(name);
		return user;
	}

	/** With grants, memberships, tokens and keys. Rejects with 404 when there is none. */
	async delete(name: string): Promise<void> {
		await this.#metadata.transaction(async store => {
			const user = await getUser(store, name);
			if (user.admin && !user.disabled && (await isLastAdmin(store, user))) {
				throw accountError('the last administrator cannot be taken away');
			}
			await store.users.delete(user.id);
		});
		await this.#dropOldPassword(name);
	}

	async #dropOldPassword(name: string): Promise<void> {
		if (this.#data === undefined || name !== initialAdminName || (await isInitialPassword(this.#metadata))) {
			return;
		}
		try {
			await rm(initialPasswordFile(this.#data), {force: true});
		} catch {
			// The change is made, and who may not do this cannot help it: the next start of a server does it.
		}
	}
}

async function getUser(store: MetadataStore, name: string): Promise<UserRecord> {
	const user = await store.users.find(name);
	if (user === undefined) {
		throw accountError(`there is no user "${name}"`, 404);
	}
	return user;
}

async function hashOf({password}: UserChange): Promise<string | undefined> {
	if (password === undefined) {
		return undefined;
	}
	try {
		checkNewPassword(password);
	} catch (error) {
		throw error instanceof PasswordRefusedError ? accountError(error.message) : error;
	}
	return hashPassword(password);
}

function changed(before: NewUserRecord, change: UserChange, passwordHash: string | undefined): NewUserRecord {
	const {password: _password, groups: _groups, email = before.email, ...rest} = change;
	const told = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
	return {
		...before,
		...told,
		passwordHash: passwordHash ?? before.passwordHash,
		email: email === '' ? undefined : email,
	};
}

export function isUserName(name: string): boolean {
	return nameGrammar.test(name);
}

export function isEmail(text: string): boolean {
	return text.length <= longestEmail && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(text);
}

function checkName(name: string): void {
	if (!isUserName(name)) {
		throw accountError(
			'a name has 1 to 255 letters, digits and the characters ._@+~-, and begins with a letter or digit',
		);
	}
}

function checkUser(user: NewUserRecord): NewUserRecord {
	const {name, email = '', admin, passwordHash} = user;
	if (email !== '' && !isEmail(email)) {
		throw accountError('the email address is not one');
	}
	if (name === anonymousName && (admin || passwordHash !== undefined)) {
		throw accountError('the user "anonymous" is whoever does not sign in: without a password, and no administrator');
	}
	return user;
}
