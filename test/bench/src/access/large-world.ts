import type {GroupRecord, MetadataStore, PermissionTarget, UserRecord} from '@stowage/core';

export const sizes = {users: 10_000, groups: 1000, targets: 2000, repositories: 50} as const;

const groupsOfUser = 10;
const usersOfTarget = 5;
const groupsOfTarget = 5;

/** The nth of what is numbered, spread so that all come to be used. */
const spread = (index: number, step: number, size: number) => (index * 7919 + step * 104_729) % size;

/** Permission targets as a large organisation has them: a team's images in a few repositories, for some groups and users. */
export function makeTargets(): readonly PermissionTarget[] {
	return Array.from({length: sizes.targets}, (_, index) => ({
		name: `target-${index}`,
		repo: {
			repositories: [0, 1, 2].map(step => `docker-${spread(index, step, sizes.repositories)}`),
			includes: [`team-${index}/**`, `shared/*/team-${index}/**`],
			excludes: ['**/secret/**'],
			users: Object.fromEntries(
				range(usersOfTarget).map(step => [`user-${spread(index, step, sizes.users)}`, ['read', 'write']] as const),
			),
			groups: Object.fromEntries(
				range(groupsOfTarget).map(step => [`group-${spread(index, step, sizes.groups)}`, ['read']] as const),
			),
		},
	}));
}

export function groupsOf(user: number): readonly string[] {
	return range(groupsOfUser).map(step => `group-${spread(user, step, sizes.groups)}`);
}

/** Stores all of it. `passwordHash` is that of every user. */
export async function storeWorld(metadata: MetadataStore, passwordHash: string): Promise<void> {
	await metadata.transaction(async store => {
		const groups = new Map<string, GroupRecord>();
		for (const index of range(sizes.groups)) {
			const name = `group-${index}`;
			groups.set(name, await store.groups.insert({name, description: '', autoJoin: false, adminPrivileges: false}));
		}
		for (const index of range(sizes.users)) {
			const user: UserRecord = await store.users.insert({
				name: `user-${index}`,
				admin: false,
				disabled: false,
				passwordHash,
			});
			const ids = groupsOf(index).flatMap(name => groups.get(name)?.id ?? []);
			await store.memberships.setGroups(user.id, ids);
		}
		for (const target of makeTargets()) {
			await store.permissionTargets.insert(target);
		}
	});
}

function range(length: number): readonly number[] {
	return Array.from({length}, (_, index) => index);
}
