import type {ImageName} from '../oci/image-name.ts';
import type {Action} from './action.ts';
import {type GrantScope, GrantTable, grantScopeOf} from './grant-table.ts';
import {type Grants, type PermissionTarget, type RepositoryClass, permissionSections} from './permission-target.ts';
import type {OtherNameOf} from './other-name.ts';
import {PrincipalGrants} from './principal-grants.ts';
import {type Rights, rightsOf} from './rights.ts';

/** What of a group decides about rights. */
export interface GroupRights {
	readonly name: string;
	/** Whether its members are administrators. */
	readonly adminPrivileges: boolean;
}

export interface AccessRulesParts {
	readonly targets: readonly PermissionTarget[];
	readonly groups: readonly GroupRights[];
	/** Whether everybody may read everything, even without signing in. */
	readonly anonymousRead: boolean;
	/** Undefined for a key of no repository. */
	readonly classOf: (repository: string) => RepositoryClass | undefined;
	/**
	 * Keys of all that a repository is made of, which have things themselves: what somebody may do to one of them he may ask
	 * of the whole. None unless told.
	 */
	readonly membersOf?: (repository: string) => readonly string[];
	/** Rights are the same by either name; no image has two unless told. */
	readonly otherNameOf?: OtherNameOf;
}

/** Whose rights are asked for. */
export interface Principal {
	/** Left out where only groups count. */
	readonly user?: string;
	readonly groups: readonly string[];
	readonly admin: boolean;
}

/** All permission targets and groups of one moment, prepared so that the rights of anybody are soon worked out. */
export class AccessRules {
	readonly #users = new Map<string, GrantTable>();
	readonly #groups = new Map<string, GrantTable>();
	readonly #adminGroups: ReadonlySet<string>;
	readonly #anonymousRead: boolean;
	readonly #classOf: AccessRulesParts['classOf'];
	readonly #membersOf: AccessRulesParts['membersOf'];
	readonly #otherNameOf: OtherNameOf | undefined;

	constructor({targets, groups, anonymousRead, classOf, membersOf, otherNameOf}: AccessRulesParts) {
		this.#adminGroups = new Set(groups.filter(group => group.adminPrivileges).map(group => group.name));
		this.#anonymousRead = anonymousRead;
		this.#classOf = classOf;
		this.#membersOf = membersOf;
		this.#otherNameOf = otherNameOf;
		for (const target of targets) {
			for (const name of permissionSections) {
				const section = target[name];
				if (section !== undefined) {
					const scope = grantScopeOf(section);
					addGrants(this.#users, section.users, scope);
					addGrants(this.#groups, section.groups, scope);
				}
			}
		}
	}

	/** What comes back remembers what it decided: worth being kept. */
	rightsOf({user, groups, admin}: Principal): Rights {
		if (admin || groups.some(group => this.#adminGroups.has(group))) {
			return rightsOf({admin: true, anonymousRead: this.#anonymousRead});
		}
		const own = user === undefined ? undefined : this.#users.get(user);
		const tables = [own, ...groups.map(group => this.#groups.get(group))].filter(table => table !== undefined);
		const grants = new PrincipalGrants(tables, {classOf: this.#classOf, otherNameOf: this.#otherNameOf});
		const {may} = rightsOf({admin: false, anonymousRead: this.#anonymousRead});
		const allows = (action: Action, repository: string, image: ImageName | undefined) =>
			grants.allows(action, repository, image) ||
			(this.#membersOf?.(repository).some(member => grants.allows(action, member, image)) ?? false);
		return {
			admin: false,
			may: (action, repository, image) =>
				may(action, repository, image) || (tables.length > 0 && allows(action, repository, image)),
		};
	}
}

function addGrants(tables: Map<string, GrantTable>, grants: Grants, scope: GrantScope): void {
	for (const [name, granted] of Object.entries(grants)) {
		const table = tables.get(name) ?? new GrantTable();
		tables.set(name, table);
		table.add(scope, granted);
	}
}
