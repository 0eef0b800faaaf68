import {ConflictError, type GroupRecord, type MetadataStore} from '@stowage/core';
import {isGroupName} from '../accounts/group-accounts.ts';
import type {RealmRules} from './external-realm.ts';

/** Whoever is in more has only these, in the order in which he is told to be in them. */
const mostGroups = 1000;

/** Which groups here a user is to be in, of all that exist. */
export interface WantedGroups {
	/** Names, in byte order. */
	readonly names: readonly string[];
	/** Those of them that have to be made, by name: what the authenticator calls them. */
	readonly missing: ReadonlyMap<string, string>;
}

/**
 * Groups of the authenticator, which are those that its configuration names and those of its realm, are as it says now.
 * In others, such as those that everybody joins, the user stays.
 */
export function wantedGroups(
	rules: RealmRules,
	{
		told,
		current,
		all,
	}: {readonly told: readonly string[]; readonly current: readonly string[]; readonly all: readonly GroupRecord[]},
): WantedGroups {
	const known = new Map(all.map(group => [group.name, group]));
	const ruled = new Set([...Object.values(rules.groups), ...all.filter(isOf(rules)).map(({name}) => name)]);
	const names = new Set(current.filter(name => !ruled.has(name)));
	const missing = new Map<string, string>();
	for (const external of told.slice(0, mostGroups)) {
		for (const name of meaningsOf(external, rules, all)) {
			names.add(name);
			if (!known.has(name)) {
				missing.set(name, external);
			}
		}
	}
	return {names: [...names].toSorted(byBytes), missing};
}

function meaningsOf(external: string, rules: RealmRules, all: readonly GroupRecord[]): readonly string[] {
	const mapped = Object.hasOwn(rules.groups, external) ? rules.groups[external] : undefined;
	const own = all.filter(isOf(rules)).filter(({name, externalId = name}) => externalId === external);
	const named = [...(mapped === undefined ? [] : [mapped]), ...own.map(({name}) => name)];
	// A group that is not of this realm is never joined for the sake of its name: it may give rights that nobody meant.
	const free = rules.createGroups && !all.some(({name}) => name === external) && isGroupName(external);
	return named.length === 0 && free ? [external] : named;
}

function isOf({name: realm}: RealmRules): (group: GroupRecord) => boolean {
	return group => group.realm === realm;
}

/** Makes what is missing, and the user a member of these groups and of no other. */
export async function joinGroups(
	store: MetadataStore,
	{userId, realm, wanted}: {readonly userId: number; readonly realm: string; readonly wanted: WantedGroups},
): Promise<void> {
	for (const [name, externalId] of wanted.missing) {
		const group = {name, description: '', autoJoin: false, adminPrivileges: false, realm, externalId};
		await store.groups.insert(group);
	}
	const ids = new Map((await store.groups.list()).map(({name, id}) => [name, id]));
	const wantedIds = wanted.names.map(name => ids.get(name));
	if (wantedIds.includes(undefined)) {
		throw new ConflictError('a group is being deleted');
	}
	await store.memberships.setGroups(userId, wantedIds as readonly number[]);
}

/** As the database has them. */
function byBytes(one: string, other: string): number {
	return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
