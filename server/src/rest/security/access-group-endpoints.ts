import {type Static, Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {GroupAccounts, GroupChange} from '../../auth/accounts/group-accounts.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient, optional, told} from './lenient-fields.ts';
import type {SecurityParts} from './security-parts.ts';

const tag = 'access';
const access = 'admin';
const path = '/access/api/v2/groups';
const params = Type.Object({name: Type.String({minLength: 1, maxLength: 255})});
const unknown = {404: {description: 'There is no such group.'}};
const names = optional(Type.Array(Type.String()));

const groupSchema = lenient({
	name: optional(Type.String()),
	description: optional(Type.String()),
	auto_join: optional(Type.Boolean()),
	admin_privileges: optional(Type.Boolean()),
	external_id: optional(Type.String()),
	members: names,
});
const group = {description: 'The group.', schema: groupSchema};

/** Groups, as the second API of Artifactory's Access service has them. */
export function accessGroupEndpoints(parts: SecurityParts): readonly Endpoint[] {
	const {groups, expire} = parts;
	return [
		defineEndpoint({
			method: 'GET',
			path,
			access,
			tag,
			summary: 'Lists all groups.',
			answers: {
				200: {
					description: 'The groups by name.',
					schema: lenient({groups: Type.Array(lenient({group_name: Type.String()}))}),
				},
			},
			async handle({url}) {
				const shown = (await groups.list()).map(({name}) => ({
					group_name: name,
					uri: url(`${path}/${encodeURIComponent(name)}`),
				}));
				return {json: {groups: shown}};
			},
		}),
		defineEndpoint({
			method: 'POST',
			path,
			audit: 'group.add',
			access,
			tag,
			summary: 'Makes a group.',
			body: {schema: groupSchema},
			answers: {201: group, 400: {description: 'A field is wrong.'}, 409: {description: 'There is one of that name.'}},
			async handle({body}) {
				const name = told(body.name) ?? '';
				await groups.add(name, changeOf(body));
				expire();
				return {status: 201, json: await show(groups, name)};
			},
		}),
		defineEndpoint({
			method: 'GET',
			path: `${path}/:name`,
			access,
			tag,
			summary: 'Shows a group and its members.',
			params,
			answers: {200: group, ...unknown},
			handle: async ({params: {name}}) => ({json: await show(groups, name)}),
		}),
		defineEndpoint({
			method: 'PATCH',
			path: `${path}/:name`,
			audit: 'group.change',
			access,
			tag,
			summary: 'Changes what is told of a group.',
			params,
			body: {schema: groupSchema},
			answers: {200: group, ...unknown},
			async handle({params: {name}, body}) {
				await groups.change(name, changeOf(body));
				expire();
				return {json: await show(groups, name)};
			},
		}),
		changeMembers(parts),
		defineEndpoint({
			method: 'DELETE',
			path: `${path}/:name`,
			audit: 'group.delete',
			access,
			tag,
			summary: 'Deletes a group, with what was granted to it.',
			params,
			answers: {204: {description: 'It is gone.'}, ...unknown},
			async handle({params: {name}}) {
				await groups.delete(name);
				expire();
				return {status: 204};
			},
		}),
	];
}

function changeMembers({groups, expire}: SecurityParts): Endpoint {
	return defineEndpoint({
		method: 'PATCH',
		path: `${path}/:name/members`,
		audit: 'group.change',
		access,
		tag,
		summary: 'Adds and removes members of a group.',
		params,
		body: {schema: lenient({add: names, remove: names})},
		answers: {200: {description: 'The members.', schema: lenient({members: Type.Array(Type.String())})}, ...unknown},
		async handle({params: {name}, body}) {
			const members = await groups.changeMembers(name, told(body.add) ?? [], told(body.remove) ?? []);
			expire();
			return {json: {members}};
		},
	});
}

function changeOf(fields: Static<typeof groupSchema>): GroupChange {
	return {
		description: told(fields.description),
		autoJoin: told(fields.auto_join),
		adminPrivileges: told(fields.admin_privileges),
		externalId: told(fields.external_id),
		members: told(fields.members),
	};
}

async function show(groups: GroupAccounts, name: string): Promise<object> {
	const account = await groups.find(name);
	if (account === undefined) {
		throw accountError(`there is no group "${name}"`, 404);
	}
	const {description, autoJoin, adminPrivileges, realm = 'internal', externalId} = account.group;
	return {
		name,
		description,
		auto_join: autoJoin,
		admin_privileges: adminPrivileges,
		realm,
		external_id: externalId,
		members: account.members,
	};
}
