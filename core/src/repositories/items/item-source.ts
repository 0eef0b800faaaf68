import type {Action} from '../../access/action.ts';
import type {Caller} from '../../access/caller.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {RepositoryDefinition} from '../../metadata/repository-definitions.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {Repositories} from '../repositories.ts';
import {serves} from '../rules/repository-rules.ts';
import {cacheSuffix} from '../repository-key.ts';
import type {Repository} from '../repository.ts';

/** A repository that has things itself, as somebody may look at it. */
export interface ItemSource {
	/** By which it was asked for: that of the cache, for the cache of a repository. */
	readonly key: string;
	readonly definition: RepositoryDefinition;
	/** Whether it has what it got from elsewhere. */
	readonly cached: boolean;
	/** What its rules leave out is not there, but to be deleted. */
	may(action: Action, image: ImageName): boolean;
}

export interface ItemSourceParts {
	readonly metadata: MetadataStore;
	readonly repositories: Repositories;
}

/** The repository of that key or, where it is made of others, all of them: those with things of their own before caches. */
export async function findItemSources(
	parts: ItemSourceParts,
	key: string,
	caller: Caller,
): Promise<readonly ItemSource[]> {
	const sources = new Map<string, ItemSource>();
	const seen = new Set<string>();
	const repository = await parts.repositories.get(key);
	if (repository === undefined) {
		throw new RegistryError('NAME_UNKNOWN', `there is no repository "${key}"`, {detail: {name: key}});
	}
	const asking = repository.members === undefined ? caller : (caller.through?.(key) ?? caller);
	const add = async (one: Repository | undefined): Promise<void> => {
		if (one === undefined || seen.has(one.key)) {
			return;
		}
		seen.add(one.key);
		if (one.members === undefined) {
			const source = await findSource(parts, one, (action, image) => {
				const served = action === 'delete' || (serves(repository, image) && serves(one, image));
				return served && asking.may(action, one.key, image);
			});
			if (source !== undefined) {
				sources.set(one.key, source);
			}
		}
		for (const member of one.members ?? []) {
			await add(await parts.repositories.get(member));
		}
	};
	await add(repository);
	return [...sources.values()].toSorted((one, other) => Number(one.cached) - Number(other.cached));
}

/** Undefined for one that was deleted meanwhile. */
async function findSource(
	{metadata: {definitions}}: ItemSourceParts,
	{key, fetches}: Repository,
	may: ItemSource['may'],
): Promise<ItemSource | undefined> {
	const own = await definitions.find(key);
	const definition =
		own ?? (key.endsWith(cacheSuffix) ? await definitions.find(key.slice(0, -cacheSuffix.length)) : own);
	return (
		definition && {
			key,
			definition,
			cached: own === undefined || fetches === true,
			may,
		}
	);
}
