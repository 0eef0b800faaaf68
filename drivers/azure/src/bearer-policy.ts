import {authorizeRequestOnTenantChallenge} from '@azure/core-client';
import {type PipelinePolicy, bearerTokenAuthenticationPolicy} from '@azure/core-rest-pipeline';
import type {Tokens} from './tokens.ts';

/**
 * Puts a token into each request. The SDK would wait for one without an end, whoever gives up, and have nobody hear that a
 * renewal failed; what is left to it is the tenant that the service asks for.
 */
export function bearerPolicy(tokens: Tokens): PipelinePolicy {
	return bearerTokenAuthenticationPolicy({
		credential: tokens,
		scopes: tokens.scope,
		challengeCallbacks: {
			async authorizeRequest({request}) {
				const signal = request.abortSignal as AbortSignal | undefined;
				request.headers.set('authorization', `Bearer ${await tokens.get({signal})}`);
			},
			authorizeRequestOnChallenge: authorizeRequestOnTenantChallenge,
		},
	});
}
