import {
	ConflictError,
	type ExternalUser,
	type GroupRecord,
	type Logger,
	type MetadataStore,
	type UserRecord,
} from '@stowage/core';
import {isEmail, isUserName} from '../accounts/user-accounts.ts';
import {anonymousName} from '../anonymous-caller.ts';
import {joinGroups, wantedGroups} from './external-groups.ts';
import type {ExternalChange, ExternalRealm, RealmRules} from './external-realm.ts';

/** How often it is tried when somebody else changes the same rows. */
const tries = 8;

export interface ExternalAccountsParts {
	readonly metadata: MetadataStore;
	readonly logger: Logger;
}

interface Admitted {
	readonly user?: UserRecord;
	readonly change?: ExternalChange;
}

/** Whether the user is known here, with a password that is kept here: no authenticator speaks for him. */
export function isOwnUser({name, realm, internalPasswordDisabled = false}: UserRecord): boolean {
	return name === anonymousName || (realm === undefined && !internalPasswordDisabled);
}

/** Keeps users and their groups here as an authenticator says that they are. */
export class ExternalAccounts {
	readonly #metadata: MetadataStore;
	readonly #logger: Logger;
	/** All groups, as long as nothing about groups has changed. */
	#groups: {readonly revision: number; readonly all: readonly GroupRecord[]} | undefined;

	constructor({metadata, logger}: ExternalAccountsParts) {
		this.#metadata = metadata;
		this.#logger = logger;
	}

	/**
	 * The user here, made or brought up to date. Undefined when he is disabled, when his name is not one that a user can
	 * have, is somebody else's, or when he would have to be made and is not to be.
	 */
	async admit(realm: ExternalRealm, external: ExternalUser): Promise<UserRecord | undefined> {
		const {name} = external;
		if (!isUserName(name) || name === anonymousName) {
			this.#logger.warn({realm: realm.name}, 'a user of an authenticator has a name that no user can have here');
			return undefined;
		}
		const {user, change} = await this.#tryToAdmit(realm.rules, external);
		if (change !== undefined) {
			await realm.tell(change);
		}
		return user;
	}

	/** Whether `admit` would change which groups the user is in. */
	async differs(rules: RealmRules, {groups: told}: ExternalUser, current: readonly string[]): Promise<boolean> {
		const {names} = wantedGroups(rules, {told, current, all: await this.#allGroups()});
		return names.length !== current.length || names.some((name, index) => name !== current[index]);
	}

	async #tryToAdmit(rules: RealmRules, external: ExternalUser): Promise<Admitted> {
		for (let left = tries; ; left--) {
			try {
				return await this.#metadata.transaction(async store => this.#admit(store, rules, external));
			} catch (error) {
				if (!(error instanceof ConflictError) || left === 1) {
					throw error;
				}
			}
		}
	}

	async #admit(store: MetadataStore, rules: RealmRules, external: ExternalUser): Promise<Admitted> {
		const known = await store.users.find(external.name);
		if (known === undefined && !rules.createUsers) {
			this.#logger.info({realm: rules.name}, 'who signed in by an authenticator is no user, and is not to be made one');
			return {};
		}
		if (known !== undefined && !this.#isSame(known, rules, external)) {
			return {};
		}
		const user =
			known === undefined ? await insert(store, rules, external) : await update(store, known, rules, external);
		if (user.disabled) {
			return {};
		}
		const current = await store.memberships.groupsOf(user.id);
		const wanted = wantedGroups(rules, {told: external.groups, current, all: await store.groups.list()});
		const moved = wanted.names.join('\n') !== current.join('\n');
		if (moved) {
			await joinGroups(store, {userId: user.id, realm: rules.name, wanted});
		}
		const added = known === undefined;
		return {user, change: added || moved ? {user: user.name, added, groups: wanted.names} : undefined};
	}

	/** One without a password may also be there for tokens alone: he is taken for theirs only where an administrator makes all of them. */
	#isSame(known: UserRecord, {name: realm, createUsers}: RealmRules, {externalId}: ExternalUser): boolean {
		const same =
			known.realm === undefined
				? !createUsers && !isOwnUser(known)
				: known.realm === realm && known.externalId === externalId;
		if (!same) {
			this.#logger.warn(
				{user: known.name, realm},
				'an authenticator knows somebody by the name of another user: delete that one, or give one of them another name',
			);
		}
		return same;
	}

	async #allGroups(): Promise<readonly GroupRecord[]> {
		const revision = await this.#metadata.accessRevision.current();
		if (this.#groups?.revision !== revision) {
			this.#groups = {revision, all: await this.#metadata.groups.list()};
		}
		return this.#groups.all;
	}
}

async function insert(store: MetadataStore, {name: realm}: RealmRules, external: ExternalUser): Promise<UserRecord> {
	const {name, externalId} = external;
	const identity = {name, realm, externalId, email: emailOf(external)};
	const user = await store.users.insert({...identity, admin: false, disabled: false, internalPasswordDisabled: true});
	const joined = (await store.groups.list()).filter(group => group.autoJoin).map(group => group.id);
	await store.memberships.setGroups(user.id, joined);
	return user;
}

async function update(
	store: MetadataStore,
	known: UserRecord,
	{name: realm}: RealmRules,
	external: ExternalUser,
): Promise<UserRecord> {
	const email = known.profileLocked === true ? known.email : (emailOf(external) ?? known.email);
	const {externalId} = external;
	const same = known.realm === realm && known.email === email;
	return same ? known : store.users.update({...known, realm, externalId, email});
}

function emailOf({email}: ExternalUser): string | undefined {
	return email !== undefined && isEmail(email) ? email : undefined;
}
