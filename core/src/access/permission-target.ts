import type {Action} from './action.ts';

/** What stands for many repositories in a permission target. */
export const repositoryWords = ['ANY', 'ANY LOCAL', 'ANY REMOTE'] as const;

/** What kind of thing a repository is, for `ANY LOCAL` and `ANY REMOTE`. */
export type RepositoryClass = 'local' | 'remote' | 'virtual';

/** Actions by name of a user or group. */
export type Grants = Readonly<Record<string, readonly Action[]>>;

/** On what, and for whom. */
export interface PermissionSection {
	/** Keys of repositories, or {@link repositoryWords}. */
	readonly repositories: readonly string[];
	/** Patterns as `findPathPattern` takes them: an image must match one of these... */
	readonly includes: readonly string[];
	/** ...and none of these. */
	readonly excludes: readonly string[];
	readonly users: Grants;
	readonly groups: Grants;
}

/** Names of the sections of a permission target: images in repositories, and records of builds. */
export const permissionSections = ['repo', 'build'] as const;

export type PermissionSectionName = (typeof permissionSections)[number];

/** A named set of grants, as an operator states it. A section that is left out grants nothing. */
export interface PermissionTarget {
	readonly name: string;
	readonly repo?: PermissionSection;
	readonly build?: PermissionSection;
}
