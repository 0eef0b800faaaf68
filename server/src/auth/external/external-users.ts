import {type ExternalUser, type Logger, type MetadataStore, RegistryError, type UserRecord} from '@stowage/core';
import {LRUCache} from 'lru-cache';
import {ExternalAccounts, isOwnUser} from './external-accounts.ts';
import type {ExternalRealm} from './external-realm.ts';

const rememberedUsers = 10_000;

export interface ExternalUsersParts {
	readonly metadata: MetadataStore;
	readonly logger: Logger;
	/** In the order in which they are asked. */
	readonly realms: readonly ExternalRealm[];
	readonly now: () => number;
}

/** What is known of a user at one moment. */
export interface UserState {
	readonly record: UserRecord;
	/** Names of groups, in byte order. */
	readonly groups: readonly string[];
}

/** Users whom authenticators know. */
export class ExternalUsers {
	readonly #metadata: MetadataStore;
	readonly #realms: readonly ExternalRealm[];
	readonly #accounts: ExternalAccounts;
	readonly #now: () => number;
	/** By id: when his authenticator knew him last. */
	readonly #found = new LRUCache<number, number>({max: rememberedUsers});

	constructor({metadata, logger, realms, now}: ExternalUsersParts) {
		this.#metadata = metadata;
		this.#realms = realms;
		this.#accounts = new ExternalAccounts({metadata, logger});
		this.#now = now;
	}

	realm(name: string): ExternalRealm | undefined {
		return this.#realms.find(realm => realm.name === name);
	}

	/**
	 * Who has this name and password at an authenticator: a user here from then on. Of somebody who is known only that one
	 * is asked who knows him; else all in their order, until one knows him or cannot be asked. Throws `UNAVAILABLE`.
	 */
	async verifyPassword(name: string, password: string): Promise<UserRecord | undefined> {
		if (password === '') {
			// Which is a right one to LDAP's simple bind (RFC 4513, section 5.1.2).
			return undefined;
		}
		const known = await this.#metadata.users.find(name);
		if (known !== undefined && isOwnUser(known)) {
			return undefined;
		}
		for (const realm of this.#realms) {
			const external = await this.#ask(realm, known, {name, password});
			if (external !== undefined) {
				return this.admit(realm, external);
			}
		}
		return undefined;
	}

	/** The user here, made or brought up to date; undefined when he may not be one. */
	async admit(realm: ExternalRealm, external: ExternalUser): Promise<UserRecord | undefined> {
		const user = await this.#accounts.admit(realm, external);
		if (user !== undefined) {
			this.#found.set(user.id, this.#now());
		}
		return user;
	}

	/**
	 * A user as his authenticator says that he is now; disabled when it does not know him any more, or is not configured any
	 * more. Throws `UNAVAILABLE` when it cannot be asked and was not lately.
	 */
	async current(state: UserState): Promise<UserState> {
		const {realm: name, externalId} = state.record;
		if (name === undefined || externalId === undefined || state.record.disabled) {
			return state;
		}
		const realm = this.realm(name);
		if (realm === undefined) {
			return withoutRights(state);
		}
		if (realm.findUser === undefined) {
			return state;
		}
		const {record} = state;
		const external = await this.#find(realm, record, externalId);
		if (external === 'believed') {
			return state;
		}
		if (external?.externalId !== externalId || external.name !== record.name) {
			return withoutRights(state);
		}
		this.#found.set(record.id, this.#now());
		return (await this.#accounts.differs(realm.rules, external, state.groups))
			? this.#changed(realm, external, state)
			: state;
	}

	async #ask(
		realm: ExternalRealm,
		known: UserRecord | undefined,
		{name, password}: {readonly name: string; readonly password: string},
	): Promise<ExternalUser | undefined> {
		const other = known?.realm !== undefined && known.realm !== realm.name;
		return other ? undefined : realm.verifyPassword?.(name, password);
	}

	async #find(
		realm: ExternalRealm,
		{id, name}: UserRecord,
		externalId: string,
	): Promise<ExternalUser | 'believed' | undefined> {
		try {
			return await realm.findUser?.({name, externalId});
		} catch (error) {
			const age = this.#now() - (this.#found.get(id) ?? -Infinity);
			if (error instanceof RegistryError && age < realm.rules.outageSeconds * 1000) {
				return 'believed';
			}
			throw error;
		}
	}

	async #changed(realm: ExternalRealm, external: ExternalUser, state: UserState): Promise<UserState> {
		const record = await this.#accounts.admit(realm, external);
		return record === undefined
			? withoutRights(state)
			: {record, groups: await this.#metadata.memberships.groupsOf(record.id)};
	}
}

function withoutRights({record}: UserState): UserState {
	return {record: {...record, disabled: true}, groups: []};
}
