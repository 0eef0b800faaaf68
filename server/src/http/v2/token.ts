import {findImageName} from '@stowage/core';
import type {Authenticator} from '../../auth/authenticator.ts';
import type {ScopeAddress} from '../../auth/scope.ts';
import {answerTokenRequest} from '../../auth/token-endpoint.ts';
import type {Address} from '../addressing.ts';
import type {HttpContext} from '../http-context.ts';
import type {TrustedProxies} from '../trusted-proxies.ts';

/** `GET` and `POST /token`: the token service of whatever the address means. */
export async function answerToken(
	context: HttpContext,
	authenticator: Authenticator,
	proxies: TrustedProxies,
): Promise<void> {
	context.set('X-Request-Id', context.requestId);
	context.set('Docker-Distribution-Api-Version', 'registry/2.0');
	await answerTokenRequest(context, authenticator, {
		address: scopeAddress(context.address as Address),
		remoteAddress: proxies.clientAddress(context.req),
	});
}

/**
 * Names in scopes are those that the client has in its paths: with the key in front unless the address means a repository.
 * A proxy may also have made the REST form of a path with the key: then the client still has it in its names.
 */
function scopeAddress({repository, prefix}: Address): ScopeAddress {
	return name => {
		if (repository !== undefined) {
			const rewritten = prefix.includes('/api/docker/') && name.startsWith(`${repository}/`);
			const image = findImageName(rewritten ? name.slice(repository.length + 1) : name);
			return image && {repository, image};
		}
		const slash = name.indexOf('/');
		const image = slash < 1 ? undefined : findImageName(name.slice(slash + 1));
		return image && {repository: name.slice(0, slash), image};
	};
}
