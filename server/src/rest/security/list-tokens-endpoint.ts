import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {SecurityParts} from './security-parts.ts';
import {listedSchema, listedToken} from './token-answers.ts';
import {listTokens} from './token-rules.ts';

/** The list of tokens, which both APIs have. */
export function listTokensEndpoint(path: `/${string}`, parts: SecurityParts): Endpoint {
	const {issuer} = parts.authenticator.accessTokens;
	return defineEndpoint({
		method: 'GET',
		path,
		access: 'signed-in',
		tag: 'tokens',
		summary: 'Lists all tokens, or those of who asks if he is no administrator.',
		answers: {200: {description: 'The tokens.', schema: Type.Object({tokens: Type.Array(listedSchema)})}},
		async handle({caller}) {
			const records = await listTokens(caller, parts);
			return {json: {tokens: records.map(record => listedToken(record, issuer))}};
		},
	});
}
