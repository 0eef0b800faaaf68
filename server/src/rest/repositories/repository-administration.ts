import {RepositoryAdministration} from '@stowage/core';
import type {RestParts} from '../rest-parts.ts';

/** The operations on definitions, for this process. */
export function createAdministration({
	metadata,
	repositories,
	repositoryTypes,
	storages,
	validator,
}: RestParts): RepositoryAdministration {
	return new RepositoryAdministration({
		metadata,
		types: repositoryTypes,
		completeOptions: (schema, options) => validator.complete(schema, options),
		storages,
		changed: async () => repositories.refresh(),
	});
}
