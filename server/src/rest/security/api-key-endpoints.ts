import {Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {demandWhole} from './own-account.ts';
import type {SecurityParts} from './security-parts.ts';

const tag = 'security';
const path = '/api/security/apiKey';
const key = {description: 'The key.', schema: Type.Object({apiKey: Type.Optional(Type.String())})};
const info = {description: 'A sentence that says so.', schema: Type.Object({info: Type.String()})};

/** The API key of who asks, and its end for any user by an administrator. */
export function apiKeyEndpoints({apiKeys, users, expire}: SecurityParts): readonly Endpoint[] {
	return [
		defineEndpoint({
			method: 'GET',
			path,
			access: 'signed-in',
			tag,
			summary: 'Shows the API key of who asks; an empty object where he has none.',
			answers: {200: key},
			handle: async ({caller}) => secret(200, await apiKeys.find(demandWhole(caller))),
		}),
		defineEndpoint({
			method: 'POST',
			path,
			audit: 'api-key.add',
			access: 'signed-in',
			tag,
			summary: 'Makes an API key for who asks.',
			answers: {201: key, 400: {description: 'He has one.'}},
			handle: async ({caller}) => secret(201, await apiKeys.make(demandWhole(caller))),
		}),
		defineEndpoint({
			method: 'PUT',
			path,
			audit: 'api-key.renew',
			access: 'signed-in',
			tag,
			summary: 'Makes another API key in the place of the one that there is.',
			answers: {200: key},
			async handle({caller}) {
				const renewed = await apiKeys.renew(demandWhole(caller));
				expire();
				return secret(200, renewed);
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path,
			audit: 'api-key.delete',
			access: 'signed-in',
			tag,
			summary: 'Revokes the API key of who asks.',
			answers: {200: info, 404: {description: 'He has none.'}},
			async handle({caller}) {
				const {id, name} = demandWhole(caller);
				const revoked = await apiKeys.revoke({id});
				expire();
				return told(name, revoked);
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path: `${path}/:name`,
			audit: 'api-key.delete',
			access: 'admin',
			tag,
			summary: 'Revokes the API key of a user.',
			params: Type.Object({name: Type.String()}),
			answers: {200: info, 404: {description: 'There is no such user, or he has none.'}},
			async handle({params: {name}}) {
				const account = await users.find(name);
				const revoked = account !== undefined && (await apiKeys.revoke(account.user));
				expire();
				return told(name, revoked);
			},
		}),
	];
}

function secret(status: number, apiKey: string | undefined) {
	return {status, headers: {'Cache-Control': 'no-store'}, json: {apiKey}};
}

function told(name: string, revoked: boolean) {
	if (!revoked) {
		throw accountError(`there is no API key of '${name}'`, 404);
	}
	return {json: {info: `API key for user: '${name}' has been successfully revoked`}};
}
