import type {RepositoryDefinition} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {unauthorized} from '../../http/gate.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {describeForUser, describeRepository} from './describe-repository.ts';
import {listedRepository, repositorySchema} from './repository-schemas.ts';

const tag = 'repositories';
const filter = Type.Object({
	type: Type.Optional(Type.String({description: 'Only those of a class: `local`, `remote`, `virtual`.'})),
	packageType: Type.Optional(Type.String({description: 'Only those of a package type: `docker`.'})),
	project: Type.Optional(Type.String({description: 'Only those of a project.'})),
});

/** Listing and looking at repositories. */
export function readRepositoryEndpoints(parts: RestParts): readonly Endpoint[] {
	return [listRepositories(parts), listConfigurations(parts), ...getRepository(parts)];
}

function listRepositories(parts: RestParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/repositories',
		access: {action: 'read'},
		tag,
		summary: 'Lists the repositories that the caller may read something of.',
		query: filter,
		answers: {200: {description: 'In the order of their keys.', schema: Type.Array(listedRepository)}},
		async handle({caller, query, url}) {
			const definitions = await parts.metadata.definitions.list();
			const readable = definitions.filter(({key}) => caller.listing.may('read', key));
			// Signing in, or another token, could help somebody who may list nothing.
			if (readable.length === 0 && (caller.anonymous || definitions.some(({key}) => caller.lacksScope('read', key)))) {
				throw unauthorized();
			}
			const listed = readable.flatMap(definition => {
				const fields = describeRepository(definition, parts);
				return fits(fields, query) ? [toListed(definition, fields, url)] : [];
			});
			return {json: listed};
		},
	});
}

function listConfigurations(parts: RestParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/repositories/configurations',
		access: 'admin',
		tag,
		summary: 'Everything about every repository, by class.',
		query: Type.Object({repoType: filter.properties.type, packageType: filter.properties.packageType}),
		answers: {
			200: {
				description: 'Lists under `LOCAL`, `REMOTE`, `VIRTUAL` and the names of other types.',
				schema: Type.Record(Type.String(), Type.Array(repositorySchema(parts.repositoryTypes))),
			},
		},
		async handle({query: {repoType, packageType}}) {
			const lists: Record<string, object[]> = {LOCAL: [], REMOTE: [], VIRTUAL: []};
			for (const definition of await parts.metadata.definitions.list()) {
				const fields = describeRepository(definition, parts);
				if (fits(fields, {type: repoType, packageType})) {
					(lists[definition.type.toUpperCase()] ??= []).push(fields);
				}
			}
			return {json: lists};
		},
	});
}

function getRepository(parts: RestParts): readonly Endpoint[] {
	return (['/api/repositories/:key', '/api/v2/repositories/:key'] as const).map(path =>
		defineEndpoint({
			method: 'GET',
			path,
			access: {action: 'read', repository: 'key'},
			tag,
			summary: 'What a repository is: everything for an administrator, and what one needs to use it for others.',
			params: Type.Object({key: Type.String()}),
			answers: {
				200: {description: 'The repository.', schema: repositorySchema(parts.repositoryTypes)},
				400: {description: 'There is none of this key.'},
			},
			async handle({params: {key}, caller}) {
				const definition = await parts.metadata.definitions.find(key);
				if (definition === undefined) {
					throw restError(400, 'Bad Request: there is no repository of this key');
				}
				const fields = describeRepository(definition, parts);
				const mayRead = (member: string) => caller.listing.may('read', member);
				return {json: caller.admin ? fields : describeForUser(fields, mayRead)};
			},
		}),
	);
}

function toListed(
	{key, type, description}: RepositoryDefinition,
	fields: Readonly<Record<string, unknown>>,
	url: (path: `/${string}`) => string,
): Static<typeof listedRepository> {
	const {url: upstream} = fields;
	return {
		key,
		description,
		type: type.toUpperCase(),
		url: type === 'remote' && typeof upstream === 'string' ? upstream : url(`/${key}`),
		packageType: packageTypeOf(fields),
	};
}

function packageTypeOf({packageType}: Readonly<Record<string, unknown>>): string {
	return packageType === 'oci' || packageType === 'OCI' ? 'OCI' : 'Docker';
}

interface Filter {
	readonly type?: string;
	readonly packageType?: string;
	readonly project?: string;
}

function fits(fields: Readonly<Record<string, unknown>>, {type, packageType, project}: Filter): boolean {
	return (
		isLike(type, fields['rclass']) &&
		isLike(packageType, packageTypeOf(fields)) &&
		(project === undefined || project === '' || fields['projectKey'] === project)
	);
}

function isLike(wanted: string | undefined, value: unknown): boolean {
	const wantsAny = wanted === undefined || wanted === '';
	return wantsAny || (typeof value === 'string' && wanted.toLowerCase() === value.toLowerCase());
}
