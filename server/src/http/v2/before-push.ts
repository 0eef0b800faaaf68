import {RegistryError, type RegistryErrorCode} from '@stowage/core';
import type {ImageContext} from '../http-context.ts';
import {warningHeader} from './warning-header.ts';

/**
 * What to tell a client who asked for something and met `error`. Clients ask by HEAD whether it is there before they push it.
 * A registry elsewhere that cannot be asked keeps nobody from pushing to a repository made of others, for it would take
 * nothing of that: who may push there is told that it is not there (`unknown`), with a `Warning`. HEAD has no content that
 * could be mistaken for another's; who wants that is told of the trouble.
 */
export function beforePush(context: ImageContext, error: unknown, unknown: RegistryErrorCode): unknown {
	const trouble = error instanceof RegistryError && error.elsewhere !== undefined ? error : undefined;
	if (trouble === undefined || context.req.method !== 'HEAD' || !mayPush(context)) {
		return error;
	}
	const {message} = trouble;
	return new RegistryError(unknown, message, {headers: warningHeader(message), cause: error});
}

/** Whether he may push to the member that takes what is pushed; a repository that is made of none has no such. */
function mayPush({caller, repository: {key, deployment}, image}: ImageContext): boolean {
	return deployment !== undefined && (caller.through?.(key) ?? caller).may('write', deployment, image);
}
