import type {AccessTokenRecord} from '@stowage/core';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {IssuedAccessToken} from '../../auth/access-tokens.ts';
import type {Authenticated} from '../../auth/authenticated.ts';
import type {HttpContext} from '../../http/http-context.ts';
import {demandWhole} from './own-account.ts';
import type {SecurityParts} from './security-parts.ts';

/** Tokens that the caller may see and revoke: his own, or all. */
export async function listTokens(
	caller: Authenticated,
	{metadata}: SecurityParts,
): Promise<readonly AccessTokenRecord[]> {
	return metadata.accessTokens.list(caller.admin ? undefined : demandWhole(caller).name);
}

/** Rejects with 404 for a token that is not there, or is not his to know of. */
export async function getToken(
	id: string,
	caller: Authenticated,
	{metadata}: SecurityParts,
): Promise<AccessTokenRecord> {
	const own = caller.admin ? undefined : demandWhole(caller).name;
	const record = await metadata.accessTokens.find(id);
	return checkOwn(record, own);
}

/** The same, by the token itself or its reference token. */
export async function getShownToken(
	token: string,
	caller: Authenticated,
	{authenticator}: SecurityParts,
): Promise<AccessTokenRecord> {
	const own = caller.admin ? undefined : demandWhole(caller).name;
	return checkOwn(await authenticator.accessTokens.findByToken(token), own);
}

/** All nodes refuse it within five seconds, this one at once. */
export async function revokeToken(
	{id, subject}: AccessTokenRecord,
	{change}: HttpContext,
	{metadata, expire}: SecurityParts,
): Promise<void> {
	change?.tell({revoked: {tokenId: id, subject}});
	await metadata.accessTokens.delete(id);
	expire();
}

/** What the audit log says of a token that was made: not the token. */
export function tellIssued({change}: HttpContext, {record}: IssuedAccessToken): void {
	const {id: tokenId, subject, scope, expiresAt} = record;
	change?.tell({issued: {tokenId, subject, scope, ...(expiresAt && {expires: expiresAt.toISOString()})}});
}

function checkOwn(record: AccessTokenRecord | undefined, own: string | undefined): AccessTokenRecord {
	if (record?.kind !== 'access' || (own !== undefined && record.subject !== own)) {
		throw accountError('there is no such token', 404);
	}
	return record;
}
