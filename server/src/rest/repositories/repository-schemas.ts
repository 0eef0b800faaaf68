import type {JsonSchema, RepositoryType} from '@stowage/core';
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

/**
 * What may be said of a repository: the options of the types of this server, as these check them, and Artifactory's fields
 * that no type has.
 */
export function repositorySchema(types: ReadonlyMap<string, RepositoryType>) {
	const options = new Map<string, JsonSchema[]>();
	for (const type of types.values()) {
		for (const [name, schema] of Object.entries((type.options['properties'] ?? {}) as Record<string, JsonSchema>)) {
			options.set(name, [...(options.get(name) ?? []), schema]);
		}
	}
	const fields = [...options].map(([name, schemas]) => [name, Type.Optional(Type.Unsafe(fieldOf(name, schemas)))]);
	return Type.Object(
		{...repositoryFields, ...(Object.fromEntries(fields) as Record<string, TSchema>)},
		{additionalProperties: true},
	);
}

/** One field for the options of that name. What several types say in different words is said in those of Artifactory. */
function fieldOf(name: string, schemas: readonly JsonSchema[]): JsonSchema {
	const descriptions = new Set(schemas.map(({description}) => description));
	const usual: object | undefined = descriptions.size > 1 ? repositoryFields[name] : undefined;
	const {description}: {readonly description?: unknown} = usual ?? schemas[0] ?? {};
	const checks = new Map(schemas.map(schema => asField(schema)).map(check => [JSON.stringify(check), check]));
	const [check = {}, ...others] = checks.values();
	return {
		...(others.length > 0 ? {anyOf: [check, ...others]} : check),
		...(description !== undefined && {description}),
	};
}

/**
 * The schema of an option for a field of a request or an answer. `null` and an empty text are what is not set, so a text is
 * looked at by the type alone; and nothing is filled in here.
 */
function asField(schema: JsonSchema): JsonSchema {
	const {description: _told, default: _standard, minLength: _shortest, pattern: _form, ...check} = plain(schema);
	const {type, enum: values, anyOf} = check;
	if (JSON.stringify(check).includes('"$ref"')) {
		// What it refers to is in the schema of the type.
		return {};
	}
	return {
		...check,
		...(type !== undefined && {type: [...new Set([type].flat().concat('null'))]}),
		...(Array.isArray(values) && {enum: [...(values as readonly unknown[]), null]}),
		...(Array.isArray(anyOf) && {anyOf: [...(anyOf as readonly unknown[]), {type: 'null'}]}),
	};
}

/** Without what only the library that made the schema knows. */
function plain(schema: JsonSchema): JsonSchema {
	return JSON.parse(JSON.stringify(schema)) as JsonSchema;
}

/** An entry of the list of repositories. */
export const listedRepository = Type.Object({
	key: Type.String(),
	description: Type.String(),
	type: Type.String({description: 'The class in capital letters: `LOCAL`.'}),
	url: Type.String({description: 'Of a remote one that of the registry behind; of others their own.'}),
	packageType: Type.String(),
});
