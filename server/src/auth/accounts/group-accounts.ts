import {ConflictError, type GroupRecord, type MetadataStore, type NewGroupRecord} from '@stowage/core';
import {accountError} from './account-error.ts';

/** A group as an operator states it; what is left out stays as it is, or is what a new group has. */
export interface GroupChange {
	readonly description?: string;
	readonly autoJoin?: boolean;
	readonly adminPrivileges?: boolean;
	readonly realm?: string;
	readonly realmAttributes?: string;
	readonly externalId?: string;
	/** Names of all its members. */
	readonly members?: readonly string[];
}

export interface GroupAccount {
	readonly group: GroupRecord;
	readonly members: readonly string[];
}

const longestText = 4096;

/** What is done to groups. Changes are seen by all nodes within five seconds. Throws errors that say what cannot be. */
export class GroupAccounts {
	readonly #metadata: MetadataStore;

	constructor(metadata: MetadataStore) {
		this.#metadata = metadata;
	}

	list(): Promise<readonly GroupRecord[]> {
		return this.#metadata.groups.list();
	}

	async find(name: string): Promise<GroupAccount | undefined> {
		const group = await this.#metadata.groups.find(name);
		return group && {group, members: await this.#metadata.memberships.membersOf(group.id)};
	}

	/** Rejects with 409 when there is a group of that name. */
	async add(name: string, change: GroupChange): Promise<GroupRecord> {
		checkName(name);
		const group = checkGroup(changed({name, description: '', autoJoin: false, adminPrivileges: false}, change));
		try {
			return await this.#metadata.transaction(async store => {
				const added = await store.groups.insert(group);
				await setMembers(store, added, change);
				return added;
			});
		} catch (error) {
			throw error instanceof ConflictError ? accountError(`there is a group "${name}" already`, 409) : error;
		}
	}

	/** Rejects with 404 when there is none. */
	async change(name: string, change: GroupChange): Promise<GroupRecord> {
		return this.#metadata.transaction(async store => {
			const group = await getGroup(store, name);
			const next = checkGroup(changed(group, change));
			await setMembers(store, group, change);
			return store.groups.update({...group, ...next});
		});
	}

	/** Resolves to the names of all that are members then. Rejects with 404 when there is no such group. */
	async changeMembers(name: string, added: readonly string[], removed: readonly string[]): Promise<readonly string[]> {
		return this.#metadata.transaction(async store => {
			const group = await getGroup(store, name);
			const before = await store.memberships.membersOf(group.id);
			const members = [...new Set([...before, ...added])].filter(member => !removed.includes(member));
			await setMembers(store, group, {members});
			return store.memberships.membersOf(group.id);
		});
	}

	/** With its grants and memberships. Rejects with 404 when there is none. */
	async delete(name: string): Promise<void> {
		await this.#metadata.transaction(async store => {
			const {id} = await getGroup(store, name);
			await store.groups.delete(id);
		});
	}
}

async function getGroup(store: MetadataStore, name: string): Promise<GroupRecord> {
	const group = await store.groups.find(name);
	if (group === undefined) {
		throw accountError(`there is no group "${name}"`, 404);
	}
	return group;
}

async function setMembers(store: MetadataStore, {id}: GroupRecord, {members}: GroupChange): Promise<void> {
	if (members === undefined) {
		return;
	}
	const ids: number[] = [];
	for (const name of members) {
		const user = await store.users.find(name);
		if (user === undefined) {
			throw accountError(`there is no user "${name}"`);
		}
		ids.push(user.id);
	}
	await store.memberships.setMembers(id, ids);
}

function changed(before: NewGroupRecord, {members: _members, ...change}: GroupChange): NewGroupRecord {
	const told = Object.entries(change).filter(([, value]) => value !== undefined);
	return {...before, ...Object.fromEntries(told)};
}

/** Commas and quotes separate names in the scopes of tokens, line ends in what is remembered of a user. */
export function isGroupName(name: string): boolean {
	return /^[^\s,"/\\:;\p{Cc}](?:[^,"/\\:;\p{Cc}]{0,253}[^\s,"/\\:;\p{Cc}])?$/u.test(name);
}

function checkName(name: string): void {
	if (!isGroupName(name)) {
		throw accountError('the name of a group has 1 to 255 characters, and none of ,:;"/\\ or spaces at its ends');
	}
}

function checkGroup(group: NewGroupRecord): NewGroupRecord {
	const {description, realm = '', realmAttributes = '', externalId = ''} = group;
	if (realm.length > 255 || [description, realmAttributes, externalId].some(text => text.length > longestText)) {
		throw accountError(`a text of a group is longer than ${longestText} characters`);
	}
	return group;
}
