import {randomBytes} from 'node:crypto';
import type {Abortable, ExternalAuthenticator, ExternalUser, Logger} from '@stowage/core';
import {type Entry, NoSuchObjectError, type SearchOptions} from 'ldapts';
import {Directory} from './directory.ts';
import {externalIdOf, textsOf} from './entry.ts';
import {escapeDn, escapeFilter, fillTemplate} from './escape.ts';
import type {LdapOptions} from './options.ts';

const longestName = 255;
const mostGroups = 1000;
const pageSize = 500;

/** Users and groups of an LDAP directory (RFC 4511). A password is right if the directory takes it for the user's entry. */
export class LdapAuthenticator implements ExternalAuthenticator {
	readonly #options: LdapOptions;
	readonly #directory: Directory;
	readonly #logger: Logger;

	constructor(options: LdapOptions, logger: Logger) {
		this.#options = options;
		this.#directory = new Directory(options);
		this.#logger = logger;
	}

	async verifyPassword(name: string, password: string, options: Abortable = {}): Promise<ExternalUser | undefined> {
		if (name === '' || name.length > longestName || password === '') {
			return undefined;
		}
		const entry = await this.#findEntry(name, options);
		if (entry === undefined) {
			// The same questions as for somebody who is there, so that time tells nothing.
			await this.#directory.isPassword(`cn=${randomBytes(16).toString('hex')},${this.#options.userBase}`, 'x', options);
			return undefined;
		}
		return (await this.#directory.isPassword(entry.dn, password, options)) ? this.#describe(entry, options) : undefined;
	}

	async findUser({name}: Pick<ExternalUser, 'name'>, options: Abortable = {}): Promise<ExternalUser | undefined> {
		const entry = await this.#findEntry(name, options);
		return entry && this.#describe(entry, options);
	}

	async close(): Promise<void> {
		this.#directory.close();
	}

	async #findEntry(name: string, options: Abortable): Promise<Entry | undefined> {
		const {userBase, userFilter, userDnTemplate, nameAttribute, idAttribute, emailAttribute, memberOfAttribute} =
			this.#options;
		const where = userDnTemplate && fillTemplate(userDnTemplate, {name: escapeDn(name)});
		const attributes = [nameAttribute, idAttribute, emailAttribute, ...(memberOfAttribute ? [memberOfAttribute] : [])];
		const search: SearchOptions = {
			scope: where === undefined ? 'sub' : 'base',
			filter: fillTemplate(userFilter, {name: escapeFilter(name)}),
			attributes,
			explicitBufferAttributes: [idAttribute],
			sizeLimit: 2,
			timeLimit: this.#options.timeoutSeconds,
		};
		try {
			const [entry, second] = await this.#directory.search(where ?? userBase, search, options);
			if (second !== undefined) {
				this.#logger.warn({}, 'more than one entry of the directory has the name of somebody who signs in');
			}
			return second === undefined ? entry : undefined;
		} catch (error) {
			if (where !== undefined && error instanceof NoSuchObjectError) {
				return undefined;
			}
			throw error;
		}
	}

	/** Undefined for an entry that has no name. */
	async #describe(entry: Entry, options: Abortable): Promise<ExternalUser | undefined> {
		const {nameAttribute, idAttribute, emailAttribute, memberOfAttribute} = this.#options;
		const [name] = textsOf(entry, nameAttribute);
		if (name === undefined) {
			this.#logger.warn({}, 'an entry of the directory has no name');
			return undefined;
		}
		const [email] = textsOf(entry, emailAttribute);
		const own = memberOfAttribute === undefined ? [] : textsOf(entry, memberOfAttribute);
		const groups = new Set([...(await this.#searchGroups(entry.dn, name, options)), ...own]);
		return {name, externalId: externalIdOf(entry, idAttribute), email, groups: [...groups].toSorted()};
	}

	async #searchGroups(dn: string, name: string, options: Abortable): Promise<readonly string[]> {
		const {groupBase, groupFilter, groupNameAttribute, timeoutSeconds} = this.#options;
		if (groupBase === undefined) {
			return [];
		}
		const entries = await this.#directory.search(
			groupBase,
			{
				scope: 'sub',
				filter: fillTemplate(groupFilter, {dn: escapeFilter(dn), name: escapeFilter(name)}),
				attributes: [groupNameAttribute],
				sizeLimit: mostGroups,
				timeLimit: timeoutSeconds,
				paged: {pageSize},
			},
			options,
		);
		return entries.flatMap(group => textsOf(group, groupNameAttribute).slice(0, 1));
	}
}
