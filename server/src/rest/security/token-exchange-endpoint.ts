import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient} from './lenient-fields.ts';
import type {SecurityParts} from './security-parts.ts';
import {issuedToken, noStore} from './token-answers.ts';
import {tellIssued} from './token-rules.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const types = 'urn:ietf:params:oauth:token-type';

const requestSchema = lenient({
	grant_type: Type.Literal(grantType),
	subject_token_type: Type.Enum([`${types}:id_token`, `${types}:jwt`]),
	subject_token: Type.String({writeOnly: true, description: 'A token of the provider.'}),
	provider_name: Type.String({description: 'Name of an authenticator in the configuration.'}),
});

const answerSchema = Type.Object({
	access_token: Type.String(),
	expires_in: Type.Optional(Type.Integer({description: 'Seconds.'})),
	token_type: Type.Literal('Bearer'),
	issued_token_type: Type.Literal(`${types}:access_token`),
	scope: Type.String(),
	username: Type.String({description: 'To sign in with beside the token, as with `docker login`.'}),
	token_id: Type.String(),
});

/** Tokens of OpenID providers for short ones of ours, as Artifactory's Access service has it (RFC 8693). */
export function tokenExchangeEndpoint({authenticator}: SecurityParts): Endpoint {
	return defineEndpoint({
		method: 'POST',
		path: '/access/api/v1/oidc/token',
		audit: 'token.exchange',
		access: 'public',
		tag: 'tokens',
		summary: 'Gives a short access token to who shows a token of a configured OpenID provider.',
		body: {schema: requestSchema, limit: 64 * 1024},
		answers: {
			200: {description: 'The token.', schema: answerSchema},
			400: {description: 'It is no such request, or what the configuration promises cannot be given.'},
			401: {description: 'The token is not valid, or there is no such provider.'},
			403: {description: 'The token is valid, and good for nothing here.'},
			503: {description: 'The provider cannot be asked now.'},
		},
		async handle({body: {provider_name: name, subject_token: token}, context}) {
			const issued = await authenticator.exchange.exchange(name, token);
			tellIssued(context, issued);
			const {refresh_token: _refresh, reference_token: _reference, ...shown} = issuedToken(issued);
			const more = {issued_token_type: `${types}:access_token`, username: issued.record.subject};
			return {headers: noStore, json: {...shown, ...more}};
		},
	});
}
