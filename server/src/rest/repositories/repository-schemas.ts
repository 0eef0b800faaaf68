import type {RepositoryType} from '@stowage/core';
import {type TSchema, Type} from 'typebox';
import {repositoryFields} from './repository-fields.ts';

const vendor = (name: string) => `application/vnd.org.jfrog.artifactory.repositories.${name}+json`;

/** In which clients send the definition of a repository. */
export const repositoryTypesOfContent = [
	'application/json',
	vendor('LocalRepositoryConfiguration'),
	vendor('RemoteRepositoryConfiguration'),
	vendor('VirtualRepositoryConfiguration'),
	vendor('FederatedRepositoryConfiguration'),
];

/** What may be said of a repository: Artifactory's fields, and the options that only the types of this server have. */
export function repositorySchema(types: ReadonlyMap<string, RepositoryType>) {
	const fields: Record<string, TSchema> = {};
	for (const type of types.values()) {
		for (const [name, schema] of Object.entries((type.options['properties'] ?? {}) as Record<string, object>)) {
			// The type's own schema checks the value; this one only names it.
			const {description} = schema as {readonly description?: string};
			fields[name] = Type.Optional(Type.Unsafe({...(description !== undefined && {description})}));
		}
	}
	return Type.Object({...fields, ...repositoryFields}, {additionalProperties: true});
}

/** An entry of the list of repositories. */
export const listedRepository = Type.Object({
	key: Type.String(),
	description: Type.String(),
	type: Type.String({description: 'The class in capital letters: `LOCAL`.'}),
	url: Type.String({description: 'Of a remote one that of the registry behind; of others their own.'}),
	packageType: Type.String(),
});
