import {type Static, Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {GroupAccount, GroupAccounts, GroupChange} from '../../auth/accounts/group-accounts.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient, optional, told} from './lenient-fields.ts';
import type {SecurityParts} from './security-parts.ts';

const tag = 'security';
const access = 'admin';
const params = Type.Object({name: Type.String({minLength: 1, maxLength: 255})});
const unknown = {404: {description: 'There is no such group.'}};

const groupSchema = lenient({
	name: optional(Type.String()),
	description: optional(Type.String()),
	autoJoin: optional(Type.Boolean()),
	adminPrivileges: optional(Type.Boolean()),
	realm: optional(Type.String()),
	realmAttributes: optional(Type.String()),
	externalId: optional(Type.String()),
	userNames: optional(Type.Array(Type.String())),
	usersNames: optional(Type.Array(Type.String())),
});

/** Groups, as Artifactory's first API has them. */
export function groupEndpoints({groups, expire}: SecurityParts): readonly Endpoint[] {
	return [
		listGroups(groups),
		showGroup(groups),
		defineEndpoint({
			method: 'PUT',
			path: '/api/security/groups/:name',
			audit: 'group.save',
			access,
			tag,
			summary: 'Makes a group, or puts another in its place.',
			params,
			body: {schema: groupSchema},
			answers: {201: {description: 'It is there.'}, 400: {description: 'A field is wrong.'}},
			async handle({params: {name}, body}) {
				const change = {...nothing, ...withoutUndefined(groupChange(body))};
				await ((await groups.find(name)) === undefined ? groups.add(name, change) : groups.change(name, change));
				expire();
				return {status: 201};
			},
		}),
		defineEndpoint({
			method: 'POST',
			path: '/api/security/groups/:name',
			audit: 'group.change',
			access,
			tag,
			summary: 'Changes what is told of a group.',
			params,
			body: {schema: groupSchema},
			answers: {200: {description: 'It is changed.'}, ...unknown},
			async handle({params: {name}, body}) {
				await groups.change(name, groupChange(body));
				expire();
				return {status: 200};
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path: '/api/security/groups/:name',
			audit: 'group.delete',
			access,
			tag,
			summary: 'Deletes a group, with what was granted to it.',
			params,
			answers: {200: {description: 'A sentence that says so.', contentType: 'text/plain'}, ...unknown},
			async handle({params: {name}}) {
				await groups.delete(name);
				expire();
				return {text: `Group '${name}' has been removed successfully.`};
			},
		}),
	];
}

/** What a group has of which nothing is told. Members stay. */
const nothing: GroupChange = {description: '', autoJoin: false, adminPrivileges: false};

function listGroups(groups: GroupAccounts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/security/groups',
		access,
		tag,
		summary: 'Lists all groups.',
		answers: {
			200: {
				description: 'The groups by name.',
				schema: Type.Array(Type.Object({name: Type.String(), uri: Type.String()})),
			},
		},
		async handle({url}) {
			const shown = (await groups.list()).map(({name}) => ({
				name,
				uri: url(`/api/security/groups/${encodeURIComponent(name)}`),
			}));
			return {json: shown};
		},
	});
}

function showGroup(groups: GroupAccounts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/security/groups/:name',
		access,
		tag,
		summary: 'Shows a group, and who is in it if that is asked for.',
		params,
		query: Type.Object({includeUsers: Type.Boolean({default: false})}),
		answers: {200: {description: 'The group.', schema: groupSchema}, ...unknown},
		async handle({params: {name}, query: {includeUsers}}) {
			const account = await groups.find(name);
			if (account === undefined) {
				throw accountError(`there is no group "${name}"`, 404);
			}
			return {json: shownGroup(account, includeUsers)};
		},
	});
}

function shownGroup({group, members}: GroupAccount, includeUsers: boolean): object {
	const {name, description, autoJoin, adminPrivileges, realm = 'internal', realmAttributes, externalId} = group;
	const shown = {name, description, autoJoin, adminPrivileges, realm, realmAttributes, externalId};
	return includeUsers ? {...shown, userNames: members} : shown;
}

/** A group of our own has no realm. */
function groupChange(fields: Static<typeof groupSchema>): GroupChange {
	const realm = told(fields.realm);
	return {
		description: told(fields.description),
		autoJoin: told(fields.autoJoin),
		adminPrivileges: told(fields.adminPrivileges),
		realm: realm?.toLowerCase() === 'internal' || realm?.toLowerCase() === 'artifactory' ? undefined : realm,
		realmAttributes: told(fields.realmAttributes),
		externalId: told(fields.externalId),
		members: told(fields.userNames) ?? told(fields.usersNames),
	};
}

function withoutUndefined(change: GroupChange): GroupChange {
	return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
