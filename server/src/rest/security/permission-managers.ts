import {type PermissionTarget, RegistryError, permissionSections} from '@stowage/core';
import type {Authenticated} from '../../auth/authenticated.ts';
import {demandWhole} from './own-account.ts';
import type {SecurityParts} from './security-parts.ts';

/** Says which sections of a permission target somebody may manage. */
export type Manages = (section: PermissionTarget['repo']) => boolean;

/** Administrators manage all permission targets, others those that grant them `manage`. Throws `DENIED` to who stands for nobody. */
export async function managerOf(caller: Authenticated, {metadata}: SecurityParts): Promise<Manages> {
	if (caller.admin) {
		return () => true;
	}
	const {id, name} = demandWhole(caller);
	const groups = await metadata.memberships.groupsOf(id);
	return section =>
		section !== undefined &&
		(grantsManage(section.users, name) || groups.some(group => grantsManage(section.groups, group)));
}

/** Throws `DENIED` unless he manages some of it: also when there is none, so that nobody learns which there are. */
export function demandManager(manages: Manages, target: PermissionTarget | undefined, {admin}: Authenticated): void {
	if (!admin && !permissionSections.some(name => manages(target?.[name]))) {
		throw new RegistryError('DENIED', 'only an administrator, or who manages it, may do this');
	}
}

/** Throws `DENIED` when somebody who is no administrator changes more than users and groups of what he manages. */
export function demandOwnChange(manages: Manages, before: PermissionTarget, after: PermissionTarget): void {
	for (const name of permissionSections) {
		const [old, changed] = [before[name], after[name]];
		if (JSON.stringify(placesOf(old)) !== JSON.stringify(placesOf(changed))) {
			throw new RegistryError(
				'DENIED',
				'who manages a permission target changes nothing but what users and groups may',
			);
		}
		if (!manages(old) && JSON.stringify(grantsIn(old)) !== JSON.stringify(grantsIn(changed))) {
			throw new RegistryError('DENIED', `the section "${name}" is managed by others`);
		}
	}
}

function grantsManage(grants: NonNullable<PermissionTarget['repo']>['users'], name: string): boolean {
	return Object.hasOwn(grants, name) && grants[name]?.includes('manage') === true;
}

function placesOf(section: PermissionTarget['repo']): unknown {
	return section && [section.repositories, section.includes, section.excludes].map(list => list.toSorted());
}

function grantsIn(section: PermissionTarget['repo']): unknown {
	return section && [section.users, section.groups].map(sorted);
}

function sorted(grants: NonNullable<PermissionTarget['repo']>['users']): unknown {
	return Object.entries(grants)
		.map(([name, actions]) => [name, ...actions.toSorted()].join('\n'))
		.toSorted();
}
