import {RegistryError} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {IssuedAccessToken} from '../../auth/access-tokens.ts';
import type {Authenticated} from '../../auth/authenticated.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient, optional, told} from './lenient-fields.ts';
import type {SecurityParts} from './security-parts.ts';
import {listTokensEndpoint} from './list-tokens-endpoint.ts';
import {issuedSchema, issuedToken, listedSchema, listedToken, noStore} from './token-answers.ts';
import {getShownToken, getToken, revokeToken, tellIssued} from './token-rules.ts';

const tag = 'tokens';
const path = '/access/api/v1/tokens';
const params = Type.Object({id: Type.String()});
const unknown = {404: {description: 'There is no such token, or it is of somebody else.'}};

const requestSchema = lenient({
	grant_type: optional(Type.String()),
	username: optional(Type.String()),
	scope: optional(Type.String()),
	expires_in: optional(Type.Integer({description: 'Seconds; 0 for until it is revoked.'})),
	refreshable: optional(Type.Boolean()),
	include_reference_token: optional(Type.Boolean()),
	description: optional(Type.String()),
	refresh_token: optional(Type.String({writeOnly: true})),
});

/** Access tokens, as Artifactory's Access service has them. */
export function accessTokenEndpoints(parts: SecurityParts): readonly Endpoint[] {
	const {accessTokens} = parts.authenticator;
	return [
		defineEndpoint({
			method: 'POST',
			path,
			audit: 'token.issue',
			// Who brings a refresh token need not sign in; anybody else is asked to.
			access: 'public',
			tag,
			summary: 'Makes an access token, or renews one.',
			body: {schema: requestSchema},
			answers: {200: {description: 'The token.', schema: issuedSchema}, 400: {description: 'It cannot be.'}},
			async handle({body, caller, context}) {
				const issued = await grant(body, caller, parts);
				tellIssued(context, issued);
				return {headers: noStore, json: issuedToken(issued)};
			},
		}),
		listTokensEndpoint(path, parts),
		defineEndpoint({
			method: 'DELETE',
			path: `${path}/revoke`,
			audit: 'token.revoke',
			access: 'signed-in',
			tag,
			summary: 'Revokes the token that is sent, or the one of this reference token.',
			body: {schema: Type.Object({token: Type.String({writeOnly: true})})},
			answers: {200: {description: 'It is revoked.'}, ...unknown},
			async handle({caller, context, body: {token}}) {
				await revokeToken(await getShownToken(token, caller, parts), context, parts);
				return {status: 200};
			},
		}),
		defineEndpoint({
			method: 'GET',
			path: `${path}/:id`,
			access: 'signed-in',
			tag,
			summary: 'Describes a token; `me` is the one that is used.',
			params,
			answers: {200: {description: 'The token.', schema: listedSchema}, ...unknown},
			async handle({params: {id}, caller}) {
				const record = await getToken(idOf(id, caller), caller, parts);
				return {json: listedToken(record, accessTokens.issuer)};
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path: `${path}/:id`,
			audit: 'token.revoke',
			access: 'signed-in',
			tag,
			summary: 'Revokes a token; `me` is the one that is used. All nodes refuse it within five seconds.',
			params,
			answers: {200: {description: 'It is revoked.'}, ...unknown},
			async handle({params: {id}, caller, context}) {
				await revokeToken(await getToken(idOf(id, caller), caller, parts), context, parts);
				return {status: 200};
			},
		}),
	];
}

function idOf(id: string, {accessToken = ''}: Authenticated): string {
	return id === 'me' ? accessToken : id;
}

async function grant(
	body: Static<typeof requestSchema>,
	caller: Authenticated,
	{authenticator: {accessTokens}, expire}: SecurityParts,
): Promise<IssuedAccessToken> {
	if (body.grant_type === 'refresh_token') {
		const refreshToken = told(body.refresh_token);
		if (refreshToken === undefined) {
			throw accountError('field "refresh_token": is missing');
		}
		const renewed = await accessTokens.refresh(refreshToken);
		expire();
		return renewed;
	}
	if (caller.anonymous) {
		throw new RegistryError('UNAUTHORIZED', 'authentication is required');
	}
	return accessTokens.issue({
		issuer: caller,
		subject: told(body.username),
		scope: told(body.scope),
		expiresInSeconds: told(body.expires_in),
		refreshable: told(body.refreshable),
		reference: told(body.include_reference_token),
		description: told(body.description),
	});
}
