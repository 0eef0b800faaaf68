import type {ImageName} from '../oci/image-name.ts';
import {type Action, actions} from './action.ts';
import {cacheSuffix} from './cache-suffix.ts';
import {namesMatch} from './names-match.ts';
import {findPathPattern} from './path-pattern.ts';
import type {PermissionSection} from './permission-target.ts';

/** Images that a section of a permission target is about. */
export interface GrantScope {
	readonly repositories: readonly string[];
	/** Without an image: whether there is any. Patterns count for both names of an image that has two. */
	covers(image: ImageName | undefined, otherName?: ImageName): boolean;
}

/** What rights are asked for. */
export interface NamedImage {
	/** Undefined for any image of the repository. */
	readonly image: ImageName | undefined;
	/** Of one that has two names. */
	readonly otherName: ImageName | undefined;
}

interface Grant {
	readonly scope: GrantScope;
	/** Bits of {@link bits}. */
	readonly actions: number;
}

const bits: Readonly<Record<Action, number>> = {read: 1, annotate: 2, write: 4, delete: 8, manage: 16};

/** What is granted to one user, or to one group, by the repositories that the grants name. */
export class GrantTable {
	readonly #byName = new Map<string, Grant[]>();
	#namesCaches = false;

	add(scope: GrantScope, granted: readonly Action[]): void {
		const mask = actions.reduce((sum, action) => (granted.includes(action) ? sum | bits[action] : sum), 0);
		const grant = {scope, actions: mask};
		for (const name of scope.repositories) {
			this.#namesCaches ||= name.endsWith(cacheSuffix);
			const list = this.#byName.get(name);
			if (list === undefined) {
				this.#byName.set(name, [grant]);
			} else {
				list.push(grant);
			}
		}
	}

	/** Whether a grant names a repository by the name of its cache, perhaps. */
	get namesCaches(): boolean {
		return this.#namesCaches;
	}

	/** Whether a grant names that repository, or uses that word. */
	names(name: string): boolean {
		return this.#byName.has(name);
	}

	/** By the grants that name exactly this repository, or use exactly this word. */
	allows(action: Action, name: string, {image, otherName}: NamedImage): boolean {
		const grants = this.#byName.get(name);
		return grants?.some(grant => (grant.actions & bits[action]) !== 0 && grant.scope.covers(image, otherName)) ?? false;
	}
}

/** A pattern that cannot be read includes nothing, and excludes everything. */
export function grantScopeOf({repositories, includes, excludes}: PermissionSection): GrantScope {
	const included = includes.flatMap(text => findPathPattern(text) ?? []);
	const found = excludes.map(findPathPattern);
	const excluded = found.filter(pattern => pattern !== undefined);
	if (included.length === 0 || excluded.length < found.length || excludes.includes('**')) {
		return {repositories, covers: () => false};
	}
	return {
		repositories,
		covers: (image, otherName) =>
			image === undefined || (namesMatch(included, image, otherName) && !namesMatch(excluded, image, otherName)),
	};
}
