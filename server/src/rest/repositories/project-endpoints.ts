import type {DefinitionChange} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {administer} from './administration-errors.ts';
import {changeRepository} from './read-fields.ts';
import {createAdministration} from './repository-administration.ts';

const root = '/access/api/v1/projects/_/attach/repositories/:key';
const projectKey = Type.String({maxLength: 64, pattern: '^[a-z][a-z0-9-]*$'});

const common = {
	access: 'admin',
	audit: 'repository.change',
	tag: 'repositories',
	answers: {
		204: {description: 'It is shown so.'},
		404: {description: 'There is no such repository.'},
	},
} as const;

/** `PUT` and `DELETE /access/api/v1/projects/_/attach/repositories/<key>`, by which clients say whose a repository is. */
export function projectEndpoints(parts: RestParts): readonly Endpoint[] {
	const administration = createAdministration(parts);
	const setProject = async (key: string, project: string) => {
		const change: DefinitionChange = current => changeRepository(current, {projectKey: project}, parts);
		await administer(async () => administration.update(new Map([[key, change]])));
		return {status: 204};
	};
	return [
		defineEndpoint({
			...common,
			method: 'PUT',
			path: `${root}/:project`,
			summary: 'Says of which project a repository is: its `projectKey`, which has no effect here.',
			params: Type.Object({key: Type.String(), project: projectKey}),
			query: Type.Object({force: Type.Optional(Type.Boolean({description: 'Has no meaning here.'}))}),
			handle: async ({params: {key, project}}) => setProject(key, project),
		}),
		defineEndpoint({
			...common,
			method: 'DELETE',
			path: root,
			summary: 'Says that a repository is of no project.',
			params: Type.Object({key: Type.String()}),
			handle: async ({params: {key}}) => setProject(key, ''),
		}),
	];
}
