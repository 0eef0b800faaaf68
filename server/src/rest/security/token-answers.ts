import type {AccessTokenRecord} from '@stowage/core';
import {type Static, Type} from 'typebox';
import type {IssuedAccessToken} from '../../auth/access-tokens.ts';

/** A token that was just made: shown this once. */
export const issuedSchema = Type.Object({
	token_id: Type.String(),
	access_token: Type.String(),
	refresh_token: Type.Optional(Type.String()),
	reference_token: Type.Optional(Type.String()),
	expires_in: Type.Optional(Type.Integer({description: 'Seconds; left out for a token that does not expire.'})),
	scope: Type.String(),
	token_type: Type.Literal('Bearer'),
});

/** A token in a list. Times are in seconds since 1970. */
export const listedSchema = Type.Object({
	issuer: Type.String(),
	subject: Type.String(),
	token_id: Type.String(),
	issued_at: Type.Integer(),
	expiry: Type.Optional(Type.Integer()),
	refreshable: Type.Boolean(),
	scope: Type.String(),
	description: Type.Optional(Type.String()),
});

export const noStore = {'Cache-Control': 'no-store'} as const;

export function issuedToken({
	record,
	token,
	refreshToken,
	referenceToken,
}: IssuedAccessToken): Static<typeof issuedSchema> {
	const {id, scope, issuedAt, expiresAt} = record;
	return {
		token_id: id,
		access_token: token,
		...(refreshToken !== undefined && {refresh_token: refreshToken}),
		...(referenceToken !== undefined && {reference_token: referenceToken}),
		...(expiresAt && {expires_in: seconds(expiresAt) - seconds(issuedAt)}),
		scope,
		token_type: 'Bearer',
	};
}

export function listedToken(record: AccessTokenRecord, issuer: string): Static<typeof listedSchema> {
	const {id, subject, issuedAt, expiresAt, refreshHash, scope, description} = record;
	return {
		issuer,
		subject: `${issuer}/users/${subject}`,
		token_id: id,
		issued_at: seconds(issuedAt),
		...(expiresAt && {expiry: seconds(expiresAt)}),
		refreshable: refreshHash !== undefined,
		scope,
		...(description !== '' && {description}),
	};
}

function seconds(date: Date): number {
	return Math.floor(date.getTime() / 1000);
}
