import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {RepositoryDefinition} from '../../metadata/repository-definitions.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {Repositories} from '../repositories.ts';

/** A repository that an image is promoted from or to. */
export type PromotionEnd = Pick<RepositoryDefinition, 'id' | 'key' | 'storage'>;

interface EndParts {
	readonly repositories: Repositories;
	readonly metadata: MetadataStore;
}

/** Made of others, made of others again: deeper than anybody means it. */
const deepest = 10;

/**
 * The repository that holds what is pushed to the one of this key. Rejects with `NAME_UNKNOWN`, and with `UNSUPPORTED`
 * (400) for one that nothing can be pushed to.
 */
export async function findPromotionEnd({repositories, metadata}: EndParts, key: string): Promise<PromotionEnd> {
	let current = key;
	for (let depth = 0; depth < deepest; depth++) {
		const repository = await repositories.get(current);
		if (repository === undefined) {
			throw unknown(current);
		}
		if (repository.members === undefined) {
			if (repository.writer === undefined || repository.fetches === true) {
				throw refuse(repository.readOnlyBecause ?? `"${current}" holds nothing that was pushed to it`);
			}
			return findDefinition(metadata, current);
		}
		if (repository.deployment === undefined) {
			throw refuse(repository.readOnlyBecause ?? `nothing can be pushed to "${current}"`);
		}
		current = repository.deployment;
	}
	throw refuse(`"${key}" is made of too many repositories`);
}

async function findDefinition({definitions}: MetadataStore, key: string): Promise<PromotionEnd> {
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
