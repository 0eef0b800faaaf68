import {RegistryError} from '@stowage/core';
import type {HttpContext} from './http-context.ts';

/**
 * Throws `DENIED` when a browser says that a page of another site asks for a change (Fetch Metadata): it adds by itself
 * what its user has signed in with. Programs that are no browsers say nothing of the kind.
 */
export function refuseOtherSites({req: {method, headers}}: HttpContext): void {
	if (method === 'GET' || method === 'HEAD') {
		return;
	}
	const site = headers['sec-fetch-site'];
	if (site !== undefined && site !== 'same-origin' && site !== 'none') {
		throw new RegistryError('DENIED', 'a page of another site may not do this');
	}
}
