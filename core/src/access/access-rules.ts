import type {ImageName} from '../oci/image-name.ts';
import {type Action, actions} from './action.ts';
import {findPathPattern} from './path-pattern.ts';
import {
	type Grants,
	type PermissionSection,
	type PermissionTarget,
	type RepositoryClass,
	permissionSections,
} from './permission-target.ts';
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
}

/** Whose rights are asked for. */
export interface Principal {
	/** Left out where only groups count. */
	readonly user?: string;
	readonly groups: readonly string[];
	readonly admin: boolean;
}

interface Scope {
	readonly repositories: readonly string[];
	covers(image: ImageName | undefined): boolean;
}

interface Grant {
	readonly scope: Scope;
	/** Bits of {@link bits}. */
	readonly actions: number;
}

const bits: Readonly<Record<Action, number>> = {read: 1, annotate: 2, write: 4, delete: 8, manage: 16};

/** Decisions that one user's rights remember: more than the images that one client handles at a time. */
const rememberedDecisions = 128;
/** Up to so many grants it costs less to look at them than to remember. */
const fewGrants = 4;

/** All permission targets and groups of one moment, prepared so that the rights of anybody are soon worked out. */
export class AccessRules {
	readonly #users = new Map<string, Grant[]>();
	readonly #groups = new Map<string, Grant[]>();
	readonly #adminGroups: ReadonlySet<string>;
	readonly #anonymousRead: boolean;
	readonly #classOf: AccessRulesParts['classOf'];
	readonly #membersOf: AccessRulesParts['membersOf'];

	constructor({targets, groups, anonymousRead, classOf, membersOf}: AccessRulesParts) {
		this.#adminGroups = new Set(groups.filter(group => group.adminPrivileges).map(group => group.name));
		this.#anonymousRead = anonymousRead;
		this.#classOf = classOf;
		this.#membersOf = membersOf;
		for (const target of targets) {
			for (const name of permissionSections) {
				const section = target[name];
				if (section !== undefined) {
					const scope = scopeOf(section);
					addGrants(this.#users, section.users, scope);
					addGrants(this.#groups, section.groups, scope);
				}
			}
		}
	}

	/** Costs time in proportion to the grants of this principal; worth being kept. */
	rightsOf({user, groups, admin}: Principal): Rights {
		if (admin || groups.some(group => this.#adminGroups.has(group))) {
			return rightsOf({admin: true, anonymousRead: this.#anonymousRead});
		}
		const own = user === undefined ? [] : (this.#users.get(user) ?? []);
		const grants = [...own, ...groups.flatMap(group => this.#groups.get(group) ?? [])];
		const table = new GrantTable(grants, this.#classOf);
		const {may} = rightsOf({admin: false, anonymousRead: this.#anonymousRead});
		const allows = (action: Action, repository: string, image: ImageName | undefined) =>
			table.allows(action, repository, image) ||
			(this.#membersOf?.(repository).some(member => table.allows(action, member, image)) ?? false);
		return {
			admin: false,
			may: (action, repository, image) =>
				may(action, repository, image) || (grants.length > 0 && allows(action, repository, image)),
		};
	}
}

/** The grants of one principal by the repositories that they name. */
class GrantTable {
	readonly #byName = new Map<string, Grant[]>();
	readonly #classOf: AccessRulesParts['classOf'];
	/** Undefined where there are so few grants that looking costs less. */
	readonly #decisions: Map<string, boolean> | undefined;

	constructor(grants: readonly Grant[], classOf: AccessRulesParts['classOf']) {
		this.#classOf = classOf;
		this.#decisions = grants.length > fewGrants ? new Map() : undefined;
		for (const grant of grants) {
			for (const name of grant.scope.repositories) {
				append(this.#byName, name, grant);
			}
		}
	}

	allows(action: Action, repository: string, image: ImageName | undefined): boolean {
		const word = this.#classWord(repository);
		if (this.#decisions === undefined) {
			return this.#decide(action, [repository, 'ANY', word], image);
		}
		const key = `${action} ${repository} ${word ?? ''} ${image ?? ''}`;
		const known = this.#decisions.get(key);
		return known ?? this.#remember(key, this.#decide(action, [repository, 'ANY', word], image));
	}

	#remember(key: string, allowed: boolean): boolean {
		if ((this.#decisions?.size ?? 0) >= rememberedDecisions) {
			this.#decisions?.clear();
		}
		this.#decisions?.set(key, allowed);
		return allowed;
	}

	#decide(action: Action, names: readonly (string | undefined)[], image: ImageName | undefined): boolean {
		return names.some(name => this.#anyOf(name, bits[action], image));
	}

	#classWord(repository: string): string | undefined {
		if (!this.#byName.has('ANY LOCAL') && !this.#byName.has('ANY REMOTE')) {
			return undefined;
		}
		const words = {local: 'ANY LOCAL', remote: 'ANY REMOTE', virtual: undefined};
		const repositoryClass = this.#classOf(repository);
		return repositoryClass && words[repositoryClass];
	}

	#anyOf(name: string | undefined, bit: number, image: ImageName | undefined): boolean {
		const grants = name === undefined ? undefined : this.#byName.get(name);
		return grants?.some(grant => (grant.actions & bit) !== 0 && grant.scope.covers(image)) ?? false;
	}
}

/** A pattern that cannot be read includes nothing, and excludes everything. */
function scopeOf({repositories, includes, excludes}: PermissionSection): Scope {
	const included = includes.flatMap(text => findPathPattern(text) ?? []);
	const found = excludes.map(findPathPattern);
	const excluded = found.filter(pattern => pattern !== undefined);
	if (included.length === 0 || excluded.length < found.length || excludes.includes('**')) {
		return {repositories, covers: () => false};
	}
	return {
		repositories,
		covers: image =>
			image === undefined ||
			(included.some(pattern => pattern.matches(image)) && !excluded.some(pattern => pattern.matches(image))),
	};
}

function addGrants(table: Map<string, Grant[]>, grants: Grants, scope: Scope): void {
	for (const [name, granted] of Object.entries(grants)) {
		const mask = actions.reduce((sum, action) => (granted.includes(action) ? sum | bits[action] : sum), 0);
		append(table, name, {scope, actions: mask});
	}
}

function append(table: Map<string, Grant[]>, name: string, grant: Grant): void {
	const list = table.get(name);
	if (list === undefined) {
		table.set(name, [grant]);
	} else {
		list.push(grant);
	}
}
