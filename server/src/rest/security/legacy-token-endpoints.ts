import {RegistryError} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {IssuedAccessToken} from '../../auth/access-tokens.ts';
import type {Authenticated} from '../../auth/authenticated.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient} from './lenient-fields.ts';
import type {SecurityParts} from './security-parts.ts';
import {listTokensEndpoint} from './list-tokens-endpoint.ts';
import {issuedSchema, issuedToken, noStore} from './token-answers.ts';
import {getShownToken, getToken, revokeToken, tellIssued} from './token-rules.ts';

const tag = 'tokens';
const path = '/api/security/token';
const usualSeconds = 3600;
const contentTypes = ['application/x-www-form-urlencoded'];
const text = Type.Optional(Type.String());

const requestSchema = lenient({
	grant_type: text,
	username: text,
	scope: text,
	expires_in: Type.Optional(Type.String({pattern: '^[0-9]{0,10}$'})),
	refreshable: text,
	refresh_token: Type.Optional(Type.String({writeOnly: true})),
});
const revocationSchema = lenient({token: Type.Optional(Type.String({writeOnly: true})), token_id: text});

/** The same tokens, as Artifactory's own older API has them: with forms for requests. */
export function legacyTokenEndpoints(parts: SecurityParts): readonly Endpoint[] {
	return [
		defineEndpoint({
			method: 'POST',
			path,
			audit: 'token.issue',
			// Who brings a refresh token need not sign in; anybody else is asked to.
			access: 'public',
			tag,
			summary: 'Makes an access token, or renews one.',
			body: {schema: requestSchema, contentTypes},
			answers: {200: {description: 'The token.', schema: issuedSchema}, 400: {description: 'It cannot be.'}},
			async handle({body, caller, context}) {
				const issued = await grant(body, caller, parts);
				tellIssued(context, issued);
				return {headers: noStore, json: issuedToken(issued)};
			},
		}),
		listTokensEndpoint(path, parts),
		defineEndpoint({
			method: 'POST',
			path: `${path}/revoke`,
			audit: 'token.revoke',
			access: 'signed-in',
			tag,
			summary: 'Revokes a token.',
			body: {schema: revocationSchema, contentTypes},
			answers: {
				200: {description: 'It is revoked.', contentType: 'text/plain'},
				404: {description: 'There is no such token, or it is of somebody else.'},
			},
			async handle({body: {token, token_id: id}, caller, context}) {
				if (token === undefined && id === undefined) {
					throw accountError('field "token": is missing');
				}
				const record = await (token === undefined
					? getToken(id ?? '', caller, parts)
					: getShownToken(token, caller, parts));
				await revokeToken(record, context, parts);
				return {text: 'Token revoked'};
			},
		}),
	];
}

async function grant(
	body: Static<typeof requestSchema>,
	caller: Authenticated,
	{authenticator: {accessTokens}, expire}: SecurityParts,
): Promise<IssuedAccessToken> {
	if (body.grant_type === 'refresh_token') {
		if (body.refresh_token === undefined) {
			throw accountError('field "refresh_token": is missing');
		}
		const renewed = await accessTokens.refresh(body.refresh_token);
		expire();
		return renewed;
	}
	if (caller.anonymous) {
		throw new RegistryError('UNAUTHORIZED', 'authentication is required');
	}
	return accessTokens.issue({
		issuer: caller,
		subject: given(body.username),
		scope: given(body.scope),
		expiresInSeconds: Number(given(body.expires_in) ?? usualSeconds),
		refreshable: body.refreshable === 'true',
	});
}

function given(value: string | undefined): string | undefined {
	return value === '' ? undefined : value;
}
