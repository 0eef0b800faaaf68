import type {Action} from '../../access/action.ts';
import type {Caller} from '../../access/caller.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {RepositoryDefinition} from '../../metadata/repository-definitions.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {Repositories} from '../repositories.ts';
import {findWays} from '../rules/find-ways.ts';
import {serves} from '../rules/repository-rules.ts';
import {letsThrough} from '../rules/through-ways.ts';
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
	const repository = await parts.repositories.get(key);
	if (repository === undefined) {
		throw new RegistryError('NAME_UNKNOWN', `there is no repository "${key}"`, {detail: {name: key}});
	}
	const asking = repository.members === undefined ? caller : (caller.through?.(key) ?? caller);
	const sources: ItemSource[] = [];
	for (const [key, ways] of await findWays([repository.key], one => parts.repositories.get(one))) {
		const one = await parts.repositories.get(key);
		const served = (image: ImageName) =>
			serves({rules: one?.rules}, image) && letsThrough(ways, image, one?.rules?.otherNameOf?.(image));
		const may: ItemSource['may'] = (action, image) =>
			(action === 'delete' || served(image)) && asking.may(action, key, image);
		sources.push(...((one && (await findSource(parts, one, may))) ?? []));
	}
	return sources.toSorted((one, other) => Number(one.cached) - Number(other.cached));
}

/** None for one that was deleted meanwhile. */
async function findSource(
	{metadata: {definitions}}: ItemSourceParts,
	{key, fetches}: Repository,
	may: ItemSource['may'],
): Promise<readonly ItemSource[]> {
	const own = await definitions.find(key);
	const definition =
		own ?? (key.endsWith(cacheSuffix) ? await definitions.find(key.slice(0, -cacheSuffix.length)) : own);
	return definition === undefined ? [] : [{key, definition, cached: own === undefined || fetches === true, may}];
}
