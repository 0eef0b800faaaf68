import type {DefinitionChange, RepositoryAdministration} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {administer} from './administration-errors.ts';
import {createAdministration} from './repository-administration.ts';
import {changeRepository, readNewRepository} from './read-fields.ts';
import {repositorySchema, repositoryTypesOfContent} from './repository-schemas.ts';

const tag = 'repositories';
const key = Type.Object({key: Type.String()});
const done = {200: {description: 'A sentence that says so.', contentType: 'text/plain'}};

/** Making, changing and deleting repositories. Every node serves a change within a second. */
export function changeRepositoryEndpoints(parts: RestParts): readonly Endpoint[] {
	const administration = createAdministration(parts);
	const schema = repositorySchema(parts.repositoryTypes);
	return [
		createOne(parts, administration, schema),
		updateOne(parts, administration, schema),
		deleteOne(parts, administration),
		createMany(parts, administration, schema),
		updateMany(parts, administration, schema),
	];
}

type Schema = ReturnType<typeof repositorySchema>;
type Fields = Parameters<typeof readNewRepository>[1];

function createOne(parts: RestParts, administration: RepositoryAdministration, schema: Schema): Endpoint {
	return defineEndpoint({
		method: 'PUT',
		path: '/api/repositories/:key',
		audit: 'repository.add',
		access: 'admin',
		tag,
		summary: 'Makes a repository.',
		params: key,
		body: {schema, contentTypes: repositoryTypesOfContent},
		answers: {...done, 400: {description: 'There is one already, or a field is wrong: it is named.'}},
		async handle({params: {key}, body}) {
			const definition = readNewRepository(key, body as Fields, parts);
			await administer(async () => administration.create([definition]));
			return {text: `Successfully created repository '${key}' \n`};
		},
	});
}

function updateOne(parts: RestParts, administration: RepositoryAdministration, schema: Schema): Endpoint {
	return defineEndpoint({
		method: 'POST',
		path: '/api/repositories/:key',
		audit: 'repository.change',
		access: 'admin',
		tag,
		summary: 'Changes the fields of a repository that are given; the others stay.',
		params: key,
		body: {schema, contentTypes: repositoryTypesOfContent},
		answers: {...done, 400: {description: 'A field is wrong: it is named.'}, 404: {description: 'There is none.'}},
		async handle({params: {key}, body}) {
			const change: DefinitionChange = current => changeRepository(current, body as Fields, parts);
			await administer(async () => administration.update(new Map([[key, change]])));
			return {text: `Repository ${key} update successfully.\n`};
		},
	});
}

function deleteOne({metadata}: RestParts, administration: RepositoryAdministration): Endpoint {
	return defineEndpoint({
		method: 'DELETE',
		path: '/api/repositories/:key',
		audit: 'repository.delete',
		access: 'admin',
		tag,
		summary: 'Deletes a repository with everything in it, and takes it out of the virtual ones that have it.',
		params: key,
		answers: {
			200: {
				description:
					'What was deleted. The count is of folders and files below the root: images, tags, manifests, and blobs.',
				schema: Type.Object({
					repoKey: Type.String(),
					statusMsg: Type.String(),
					deletedArtifactsCount: Type.Integer(),
					success: Type.Boolean(),
				}),
			},
			404: {description: 'There is none.'},
		},
		async handle({params: {key}, signal}) {
			// Before, so that nobody waits for the count while definitions are locked.
			const before = await metadata.definitions.find(key);
			const usage = before && (await metadata.usage.ofRepository(before.id, {signal}));
			await administer(async () => administration.delete(key));
			const deletedArtifactsCount = usage === undefined ? 0 : usage.images + usage.tags + usage.manifests + usage.blobs;
			const statusMsg = `Repository ${key} and all its content have been removed successfully.`;
			return {json: {repoKey: key, statusMsg, deletedArtifactsCount, success: true}};
		},
	});
}

function createMany(parts: RestParts, administration: RepositoryAdministration, schema: Schema): Endpoint {
	return defineEndpoint({
		method: 'PUT',
		path: '/api/v2/repositories/batch',
		audit: 'repository.add',
		access: 'admin',
		tag,
		summary: 'Makes several repositories, all or none; they may be made of one another.',
		body: {schema: batchOf(schema), contentTypes: repositoryTypesOfContent},
		answers: {201: done[200], 400: {description: 'Which field of which repository is wrong.'}},
		async handle({body}) {
			const definitions = keyed(body).map(([key, fields]) => readNewRepository(key, fields, parts));
			await administer(async () => administration.create(definitions));
			return {status: 201, text: `Successfully created ${definitions.length} repositories\n`};
		},
	});
}

function updateMany(parts: RestParts, administration: RepositoryAdministration, schema: Schema): Endpoint {
	return defineEndpoint({
		method: 'POST',
		path: '/api/v2/repositories/batch',
		audit: 'repository.change',
		access: 'admin',
		tag,
		summary: 'Changes several repositories, all or none.',
		body: {schema: batchOf(schema), contentTypes: repositoryTypesOfContent},
		answers: {...done, 400: {description: 'Which field of which repository is wrong.'}},
		async handle({body}) {
			const changes = new Map<string, DefinitionChange>(
				keyed(body).map(([key, fields]) => [key, current => changeRepository(current, fields, parts)]),
			);
			await administer(async () => administration.update(changes));
			return {text: `Successfully updated ${changes.size} repositories\n`};
		},
	});
}

function batchOf(schema: Schema) {
	return Type.Array(schema, {minItems: 1, maxItems: 1000});
}

/** Each with its key. Throws 400 when one has none, or two have the same. */
function keyed(body: readonly Static<Schema>[]): readonly (readonly [string, Fields])[] {
	const seen = new Set<string>();
	return (body as readonly Fields[]).map((fields, index) => {
		const {key} = fields;
		if (typeof key !== 'string') {
			throw restError(400, `field "[${index}].key": is missing`);
		}
		if (seen.has(key)) {
			throw restError(400, `field "[${index}].key": "${key}" is there twice`);
		}
		seen.add(key);
		return [key, fields];
	});
}
