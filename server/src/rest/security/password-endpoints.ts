import {RegistryError} from '@stowage/core';
import {Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {demandWhole} from './own-account.ts';
import type {SecurityParts} from './security-parts.ts';

const tag = 'security';
const text = {description: 'A sentence that says so.', contentType: 'text/plain'};

const changeSchema = Type.Object({
	userName: Type.String(),
	oldPassword: Type.String({writeOnly: true}),
	newPassword1: Type.String({writeOnly: true}),
	newPassword2: Type.String({writeOnly: true}),
});

/** Changing one's own password, and users who are locked out after failures. */
export function passwordEndpoints(parts: SecurityParts): readonly Endpoint[] {
	return [changePassword(parts), ...lockEndpoints(parts)];
}

function changePassword({users, authenticator, expire}: SecurityParts): Endpoint {
	return defineEndpoint({
		method: 'POST',
		path: '/api/security/users/authorization/changePassword',
		audit: 'password.change',
		access: 'signed-in',
		tag,
		summary: 'Gives who asks another password. Tokens that he has by his old one end; access tokens and API keys stay.',
		body: {schema: changeSchema},
		answers: {200: text, 400: {description: 'The old password is wrong, or the new one is not taken.'}},
		async handle({caller, body, context}) {
			if (demandWhole(caller).name !== body.userName) {
				throw new RegistryError('DENIED', 'nobody changes the password of another here');
			}
			if (body.newPassword1 !== body.newPassword2) {
				throw accountError('the new passwords are not the same');
			}
			const {remoteAddress = ''} = context.req.socket;
			const credentials = {name: caller.name, password: body.oldPassword};
			const proof = await authenticator.provePassword(credentials, remoteAddress);
			if (!proof) {
				throw accountError('the old password is wrong');
			}
			if ((await users.find(caller.name))?.user.internalPasswordDisabled === true) {
				throw accountError('the password is not kept here: change it where it is');
			}
			await users.change(caller.name, {password: body.newPassword1});
			expire();
			return {text: 'Password has been successfully changed'};
		},
	});
}

function lockEndpoints({authenticator: {lockOuts}}: SecurityParts): readonly Endpoint[] {
	const unlock = async (names: readonly string[]) => {
		await lockOuts.forgive(names);
		return {text: 'The specified users have been unlocked successfully'};
	};
	return [
		defineEndpoint({
			method: 'GET',
			path: '/api/security/lockedUsers',
			access: 'admin',
			tag,
			summary: 'Lists users under whose names too many sign-ins have failed, on any node.',
			answers: {200: {description: 'Names of users.', schema: Type.Array(Type.String())}},
			handle: async () => ({json: await lockOuts.list()}),
		}),
		defineEndpoint({
			method: 'POST',
			path: '/api/security/unlockUsers/:name',
			audit: 'user.unlock',
			access: 'admin',
			tag,
			summary: 'Lets a user sign in again, on all nodes within a second.',
			params: Type.Object({name: Type.String()}),
			answers: {200: text},
			handle: ({params: {name}}) => unlock([name]),
		}),
		defineEndpoint({
			method: 'POST',
			path: '/api/security/unlockUsers',
			audit: 'user.unlock',
			access: 'admin',
			tag,
			summary: 'Lets users sign in again, on all nodes within a second.',
			body: {schema: Type.Array(Type.String(), {maxItems: 10_000})},
			answers: {200: text},
			handle: ({body}) => unlock(body),
		}),
		defineEndpoint({
			method: 'POST',
			path: '/api/security/unlockAllUsers',
			audit: 'user.unlock',
			access: 'admin',
			tag,
			summary: 'Lets all users sign in again, on all nodes within a second.',
			answers: {200: text},
			handle: async () => unlock(await lockOuts.list()),
		}),
	];
}
