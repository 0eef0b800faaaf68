import {
	ConflictError,
	type MetadataStore,
	type PermissionSection,
	type PermissionTarget,
	type PermissionTargetRecord,
	findPathPattern,
	permissionSections,
	repositoryWords,
} from '@stowage/core';
import {accountError} from './account-error.ts';

const longestName = 255;
const mostEntries = 10_000;

/** What is done to permission targets. Changes are seen by all nodes within five seconds. Throws errors that say what cannot be. */
export class PermissionAccounts {
	readonly #metadata: MetadataStore;

	constructor(metadata: MetadataStore) {
		this.#metadata = metadata;
	}

	list(): Promise<readonly PermissionTargetRecord[]> {
		return this.#metadata.permissionTargets.list();
	}

	find(name: string): Promise<PermissionTargetRecord | undefined> {
		return this.#metadata.permissionTargets.find(name);
	}

	/** Rejects with 409 when there is one of that name, and with 400 when it names what is not there. */
	async add(target: PermissionTarget): Promise<PermissionTargetRecord> {
		checkName(target.name);
		try {
			return await this.#metadata.transaction(async store => {
				await checkTarget(store, target);
				return store.permissionTargets.insert(target);
			});
		} catch (error) {
			throw error instanceof ConflictError
				? accountError(`there is a permission target "${target.name}" already`, 409)
				: error;
		}
	}

	/**
	 * All of it. Rejects with 404 when there is none of that name, with 400 when it names what is not there, and with what
	 * `check` throws of the one that is there.
	 */
	async replace(
		target: PermissionTarget,
		check?: (before: PermissionTargetRecord) => void,
	): Promise<PermissionTargetRecord> {
		return this.#metadata.transaction(async store => {
			const before = await getTarget(store, target.name);
			check?.(before);
			const {id, version, createdAt, updatedAt} = before;
			await checkTarget(store, target);
			return store.permissionTargets.update({...target, id, version, createdAt, updatedAt});
		});
	}

	/** Rejects with 404 when there is none. */
	async delete(name: string): Promise<void> {
		await this.#metadata.transaction(async store => {
			const {id} = await getTarget(store, name);
			await store.permissionTargets.delete(id);
		});
	}
}

async function getTarget(store: MetadataStore, name: string): Promise<PermissionTargetRecord> {
	const target = await store.permissionTargets.find(name);
	if (target === undefined) {
		throw accountError(`there is no permission target "${name}"`, 404);
	}
	return target;
}

function checkName(name: string): void {
	if (name === '' || name.length > longestName || /[\p{Cc}/\\]/u.test(name) || name.trim() !== name) {
		throw accountError('the name of a permission target has 1 to 255 characters, and no slash or spaces at its ends');
	}
}

async function checkTarget(store: MetadataStore, target: PermissionTarget): Promise<void> {
	const keys = new Set((await store.definitions.list()).map(({key}) => key));
	const groups = new Set((await store.groups.list()).map(({name}) => name));
	for (const name of permissionSections) {
		const section = target[name];
		if (section !== undefined) {
			checkSize(section);
			checkPatterns(section);
			// Builds are not in repositories of ours: their section always names the one of builds.
			checkRepositories(section, name === 'repo' ? keys : undefined);
			checkGroups(section, groups);
			await checkUsers(store, section);
		}
	}
}

function checkSize({repositories, includes, excludes, users, groups}: PermissionSection): void {
	const sizes = [repositories, includes, excludes, Object.keys(users), Object.keys(groups)].map(list => list.length);
	if (Math.max(...sizes) > mostEntries) {
		throw accountError(`a list of a permission target has more than ${mostEntries} entries`);
	}
}

function checkPatterns({includes, excludes}: PermissionSection): void {
	const wrong = [...includes, ...excludes].find(text => findPathPattern(text) === undefined);
	if (wrong !== undefined) {
		throw accountError(`"${wrong.slice(0, 100)}" is not a pattern`);
	}
}

function checkRepositories({repositories}: PermissionSection, keys: ReadonlySet<string> | undefined): void {
	const words = new Set<string>(repositoryWords);
	const isKnown = (name: string) => keys?.has(name) === true || keys?.has(name.replace(/-cache$/, '')) === true;
	const unknown = repositories.find(name => !words.has(name) && keys !== undefined && !isKnown(name));
	if (unknown !== undefined) {
		throw accountError(`there is no repository "${unknown.slice(0, 100)}"`);
	}
}

function checkGroups({groups}: PermissionSection, known: ReadonlySet<string>): void {
	const unknown = Object.keys(groups).find(name => !known.has(name));
	if (unknown !== undefined) {
		throw accountError(`there is no group "${unknown}"`);
	}
}

async function checkUsers(store: MetadataStore, {users}: PermissionSection): Promise<void> {
	for (const name of Object.keys(users)) {
		const user = await store.users.find(name);
		if (user === undefined) {
			throw accountError(`there is no user "${name}"`);
		}
		if (user.admin) {
			throw accountError(`the user "${name}" is an administrator, who may do everything`);
		}
	}
}
