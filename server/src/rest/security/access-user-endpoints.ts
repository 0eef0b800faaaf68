import {type Static, Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {UserAccount, UserAccounts} from '../../auth/accounts/user-accounts.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient, optional, told} from './lenient-fields.ts';
import type {SecurityParts} from './security-parts.ts';

const tag = 'access';
const access = 'admin';
const path = '/access/api/v2/users';
const params = Type.Object({name: Type.String({minLength: 1, maxLength: 255})});
const unknown = {404: {description: 'There is no such user.'}};

const userSchema = lenient({
	username: optional(Type.String()),
	password: optional(Type.String({writeOnly: true})),
	email: optional(Type.String()),
	admin: optional(Type.Boolean()),
	profile_updatable: optional(Type.Boolean()),
	disable_ui_access: optional(Type.Boolean()),
	internal_password_disabled: optional(Type.Boolean()),
	status: optional(Type.Union([Type.Literal('enabled'), Type.Literal('disabled')])),
	groups: optional(Type.Array(Type.String())),
});
const user = {description: 'The user.', schema: userSchema};

/** Users, as the second API of Artifactory's Access service has them. */
export function accessUserEndpoints({users, expire}: SecurityParts): readonly Endpoint[] {
	return [
		defineEndpoint({
			method: 'GET',
			path,
			access,
			tag,
			summary: 'Lists all users.',
			answers: {
				200: {
					description: 'The users by name.',
					schema: lenient({users: Type.Array(lenient({username: Type.String()}))}),
				},
			},
			async handle({url}) {
				const shown = (await users.list()).map(({name, realm = 'internal', disabled}) => ({
					username: name,
					uri: url(`${path}/${encodeURIComponent(name)}`),
					realm,
					status: disabled ? 'disabled' : 'enabled',
				}));
				return {json: {users: shown}};
			},
		}),
		defineEndpoint({
			method: 'POST',
			path,
			audit: 'user.add',
			access,
			tag,
			summary: 'Makes a user.',
			body: {schema: userSchema},
			answers: {201: user, 400: {description: 'A field is wrong.'}, 409: {description: 'There is one of that name.'}},
			async handle({body}) {
				const name = told(body.username) ?? '';
				await users.add(name, changeOf(body));
				expire();
				return {status: 201, json: await show(users, name)};
			},
		}),
		defineEndpoint({
			method: 'GET',
			path: `${path}/:name`,
			access,
			tag,
			summary: 'Shows a user.',
			params,
			answers: {200: user, ...unknown},
			handle: async ({params: {name}}) => ({json: await show(users, name)}),
		}),
		defineEndpoint({
			method: 'PATCH',
			path: `${path}/:name`,
			audit: 'user.change',
			access,
			tag,
			summary: 'Changes what is told of a user.',
			params,
			body: {schema: userSchema},
			answers: {200: user, ...unknown},
			async handle({params: {name}, body}) {
				await users.change(name, changeOf(body));
				expire();
				return {json: await show(users, name)};
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path: `${path}/:name`,
			audit: 'user.delete',
			access,
			tag,
			summary: 'Deletes a user, with what was granted to him, his tokens and his API key.',
			params,
			answers: {204: {description: 'He is gone.'}, ...unknown},
			async handle({params: {name}, caller}) {
				if (name === caller.name) {
					throw accountError('nobody deletes himself');
				}
				await users.delete(name);
				expire();
				return {status: 204};
			},
		}),
	];
}

function changeOf(fields: Static<typeof userSchema>) {
	const updatable = told(fields.profile_updatable);
	const status = told(fields.status);
	return {
		password: told(fields.password),
		email: told(fields.email),
		admin: told(fields.admin),
		disabled: status && status === 'disabled',
		profileLocked: updatable === undefined ? undefined : !updatable,
		uiDisabled: told(fields.disable_ui_access),
		internalPasswordDisabled: told(fields.internal_password_disabled),
		groups: told(fields.groups),
	};
}

async function show(users: UserAccounts, name: string): Promise<object> {
	const account = await users.find(name);
	if (account === undefined) {
		throw accountError(`there is no user "${name}"`, 404);
	}
	return shown(account);
}

function shown({user, groups}: UserAccount): object {
	return {
		username: user.name,
		email: user.email,
		admin: user.admin,
		effective_admin: user.admin,
		profile_updatable: user.profileLocked !== true,
		disable_ui_access: user.uiDisabled === true,
		internal_password_disabled: user.internalPasswordDisabled === true,
		last_logged_in: user.lastLoggedIn?.toISOString(),
		realm: user.realm ?? 'internal',
		groups,
		status: user.disabled ? 'disabled' : 'enabled',
	};
}
