import type {Json, NewRepositoryDefinition, RepositoryAdministration, RepositoryDefinition} from '@stowage/core';
import {checkRetention, maskSecrets, maskedSecret, retentionRules} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {version} from '../../cli/version.ts';
import {findRetentionRules, setRetentionRules} from '../../process/create-retention.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {administer} from '../repositories/administration-errors.ts';
import {createAdministration} from '../repositories/repository-administration.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';

const fields = (description: string) =>
	Type.Unsafe<{readonly [name: string]: Json}>({type: 'object', additionalProperties: true, default: {}, description});

const repository = Type.Object({
	key: Type.String(),
	type: Type.String({description: 'The word of its type: `local`, `remote`, `virtual`.'}),
	storage: Type.String({default: 'default'}),
	description: Type.String({default: '', maxLength: 65_536}),
	options: fields('As the type has them; secrets are `***`.'),
	attributes: fields('What the type does not know.'),
});

const configuration = Type.Object({
	stowage: Type.String({description: 'The release that wrote it.', default: version}),
	repositories: Type.Array(repository, {maxItems: 10_000}),
	retention: Type.Optional(
		Type.Object({rules: retentionRules}, {description: 'The policy for all repositories; left out, it stays.'}),
	),
});

type Exported = Static<typeof repository>;

/** The definitions of all repositories, to be kept or carried to another installation. */
export function configurationEndpoints(parts: RestParts): readonly Endpoint[] {
	return [exportEndpoint(parts), importEndpoint(parts, createAdministration(parts))];
}

function exportEndpoint(parts: RestParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/system/configuration',
		access: 'admin',
		tag: 'system',
		summary: 'The definitions of all repositories, without their secrets, and the retention policy that was set.',
		answers: {200: {description: 'To be imported again.', schema: configuration}},
		async handle() {
			const definitions = await parts.metadata.definitions.list();
			const repositories = definitions.map(definition => toExported(definition, parts));
			return {json: {stowage: version, repositories, retention: {rules: await findRetentionRules(parts)}}};
		},
	});
}

function importEndpoint({metadata}: RestParts, administration: RepositoryAdministration): Endpoint {
	return defineEndpoint({
		method: 'POST',
		path: '/api/system/configuration',
		audit: 'configuration.import',
		access: 'admin',
		tag: 'system',
		summary:
			'Makes the repositories of an export that do not exist, and changes those that do, all or none; deletes none.',
		description: 'A secret that is `***` stays what it is; for a new repository it must be given or left out.',
		body: {schema: configuration, limit: 16 * 1024 * 1024},
		answers: {
			200: {
				description: 'What was done.',
				schema: Type.Object({created: Type.Array(Type.String()), updated: Type.Array(Type.String())}),
			},
			400: {description: 'Which field of which repository is wrong.'},
		},
		async handle({body: {repositories, retention}}) {
			const problems = retention === undefined ? [] : checkRetention(retention.rules);
			if (problems.length > 0) {
				throw restError(
					400,
					problems.map(({path, message}) => `field "retention.rules${path}": ${message}`).join('; '),
				);
			}
			const {created, updated} = await administer(async () => administration.save(repositories, unmask));
			if (retention !== undefined) {
				await setRetentionRules(metadata, retention.rules);
			}
			return {json: {created: created.map(({key}) => key), updated: updated.map(({key}) => key)}};
		},
	});
}

/** Secrets of a type that no plugin offers cannot be told from the rest: of such a repository no options are shown. */
function toExported(definition: RepositoryDefinition, {repositoryTypes}: RestParts): Exported {
	const {key, type, storage, description, attributes = {}} = definition;
	const schema = repositoryTypes.get(type)?.options;
	const options = schema === undefined ? {} : (maskSecrets(schema, definition.options) as Exported['options']);
	return {key, type, storage, description, options, attributes};
}

function unmask(wanted: NewRepositoryDefinition, current: RepositoryDefinition | undefined): NewRepositoryDefinition {
	const {key} = wanted;
	const known = current?.options ?? {};
	const options = Object.fromEntries(
		Object.entries(wanted.options).map(([name, value]) => {
			if (value !== maskedSecret) {
				return [name, value];
			}
			if (!Object.hasOwn(known, name)) {
				throw restError(400, `Repository ${key}: field "${name}": is masked: give it or leave it out`);
			}
			return [name, known[name] ?? null];
		}),
	);
	return {...wanted, options};
}
