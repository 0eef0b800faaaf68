import {RegistryError} from '@stowage/core';
import {Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {UserAccounts, UserChange} from '../../auth/accounts/user-accounts.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {demandSelfOrAdmin} from './own-account.ts';
import type {SecurityParts} from './security-parts.ts';
import {replacement, shownUser, shownUserSchema, statusOf, userChange, userSchema} from './user-fields.ts';

const tag = 'security';
const params = Type.Object({name: Type.String({minLength: 1, maxLength: 255})});
const text = {description: 'A sentence that says so.', contentType: 'text/plain'};
const unknown = {404: {description: 'There is no such user.'}};

/** Users, as Artifactory's first API has them. */
export function userEndpoints({users, expire}: SecurityParts): readonly Endpoint[] {
	return [
		listUsers(users),
		showUser(users),
		defineEndpoint({
			method: 'PUT',
			path: '/api/security/users/:name',
			audit: 'user.save',
			access: 'admin',
			tag,
			summary: 'Makes a user, or puts another in his place.',
			params,
			body: {schema: userSchema},
			answers: {201: {description: 'He is there.'}, 400: {description: 'A field is wrong.'}},
			async handle({params: {name}, body}) {
				const change = replacement(userChange(body));
				await ((await users.find(name)) === undefined ? users.add(name, change) : users.change(name, change));
				expire();
				return {status: 201};
			},
		}),
		defineEndpoint({
			method: 'POST',
			path: '/api/security/users/:name',
			audit: 'user.change',
			access: 'signed-in',
			tag,
			summary: 'Changes what is told of a user. Who is no administrator may change his own email address.',
			params,
			body: {schema: userSchema},
			answers: {200: {description: 'It is changed.'}, ...unknown},
			async handle({params: {name}, body, caller}) {
				demandSelfOrAdmin(caller, name);
				const change = userChange(body);
				await (caller.admin ? users.change(name, change) : changeOwn(users, name, change));
				expire();
				return {status: 200};
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path: '/api/security/users/:name',
			audit: 'user.delete',
			access: 'admin',
			tag,
			summary: 'Deletes a user, with what was granted to him, his tokens and his API key.',
			params,
			answers: {200: text, ...unknown},
			async handle({params: {name}, caller}) {
				if (name === caller.name) {
					throw accountError('nobody deletes himself');
				}
				await users.delete(name);
				expire();
				return {text: `User '${name}' has been removed successfully.`};
			},
		}),
	];
}

function listUsers(users: UserAccounts): Endpoint {
	const listed = Type.Object({name: Type.String(), uri: Type.String(), realm: Type.String(), status: Type.String()});
	return defineEndpoint({
		method: 'GET',
		path: '/api/security/users',
		access: 'admin',
		tag,
		summary: 'Lists all users.',
		answers: {200: {description: 'The users by name.', schema: Type.Array(listed)}},
		async handle({url}) {
			const shown = (await users.list()).map(user => ({
				name: user.name,
				uri: url(`/api/security/users/${encodeURIComponent(user.name)}`),
				realm: user.realm ?? 'internal',
				status: statusOf(user),
			}));
			return {json: shown};
		},
	});
}

function showUser(users: UserAccounts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/security/users/:name',
		access: 'signed-in',
		tag,
		summary: 'Shows a user: to administrators, and to himself.',
		params,
		answers: {200: {description: 'The user.', schema: shownUserSchema}, ...unknown},
		async handle({params: {name}, caller}) {
			demandSelfOrAdmin(caller, name);
			const account = await users.find(name);
			if (account === undefined) {
				throw accountError(`there is no user "${name}"`, 404);
			}
			return {json: shownUser(account)};
		},
	});
}

/** Anything but the email address is refused rather than left out, so that nobody believes to have changed it. */
async function changeOwn(users: UserAccounts, name: string, change: UserChange): Promise<void> {
	const account = await users.find(name);
	const fields = Object.entries(change).filter(([, value]) => value !== undefined);
	if (account?.user.profileLocked === true || fields.some(([field]) => field !== 'email')) {
		throw new RegistryError('DENIED', 'only an administrator may change this');
	}
	await users.change(name, {email: change.email});
}
