import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {RepositoryDefinition} from '../../metadata/repository-definitions.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {Repositories} from '../repositories.ts';
import {demandServed} from '../rules/refusals.ts';
import type {RepositoryRules} from '../rules/repository-rules.ts';

/** A repository that an image is promoted from or to. */
export interface PromotionEnd extends Pick<RepositoryDefinition, 'id' | 'key' | 'storage'> {
	readonly rules?: RepositoryRules;
}

interface EndParts {
	readonly repositories: Repositories;
	readonly metadata: MetadataStore;
}

/** Made of others, made of others again: deeper than anybody means it. */
const deepest = 10;

/**
 * The repository that holds what is pushed to the one of this key. Rejects with `NAME_UNKNOWN`, and with `UNSUPPORTED`
 * (400) for one that nothing can be pushed to, or `DENIED` when its rules, or those of one on the way, leave the image out.
 */
export async function findPromotionEnd(
	{repositories, metadata}: EndParts,
	key: string,
	image?: ImageName,
): Promise<PromotionEnd> {
	let current = key;
	for (let depth = 0; depth < deepest; depth++) {
		const repository = await repositories.get(current);
		if (repository === undefined) {
			throw unknown(current);
		}
		demandServed(repository, image);
		if (repository.members === undefined) {
			if (repository.writer === undefined || repository.fetches === true) {
				throw refuse(repository.readOnlyBecause ?? `"${current}" holds nothing that was pushed to it`);
			}
			return {...(await findDefinition(metadata, current)), rules: repository.rules};
		}
		if (repository.deployment === undefined) {
			throw refuse(repository.readOnlyBecause ?? `nothing can be pushed to "${current}"`);
		}
		current = repository.deployment;
	}
	throw refuse(`"${key}" is made of too many repositories`);
}

async function findDefinition({definitions}: MetadataStore, key: string): Promise<RepositoryDefinition> {
	const definition = await definitions.find(key);
	if (definition === undefined) {
		throw unknown(key);
	}
	return definition;
}

function unknown(key: string): RegistryError {
	return new RegistryError('NAME_UNKNOWN', `there is no repository "${key}"`, {detail: {name: key}});
}

function refuse(message: string): RegistryError {
	return new RegistryError('UNSUPPORTED', message, {status: 400});
}
