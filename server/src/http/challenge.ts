import type {Action, RouteAccess} from '@stowage/core';
import type {Address} from './addressing.ts';
import type {HttpContext} from './http-context.ts';
import {absoluteUrl} from './site.ts';

/** What a token must be for, in the words of its scope. Who pushes also asks what is there already. */
const scopeActions: Readonly<Record<Action, string>> = {
	read: 'pull',
	write: 'pull,push',
	delete: 'delete',
	annotate: '*',
	manage: '*',
};

/**
 * Value of `WWW-Authenticate` for an answer 401: where to get which token (the distribution project's token
 * specification), or Basic where no token service belongs to the address. Nothing in it was not checked before.
 */
export function challengeFor({address, table, route, image, req}: HttpContext): string {
	if (address?.protocol === undefined || table?.errors !== 'oci' || address.path === '/token') {
		return 'Basic realm="Stowage", charset="UTF-8"';
	}
	const parts = [
		`Bearer realm="${absoluteUrl(address.site, `${address.root}/token`)}"`,
		`service="${address.site.host}"`,
	];
	const scope = route === undefined ? undefined : scopeOf(route.access, address, image);
	if (scope !== undefined) {
		parts.push(`scope="${scope}"`);
	}
	if (scope !== undefined && /^bearer /i.test(req.headers.authorization ?? '')) {
		parts.push('error="insufficient_scope"');
	}
	return parts.join(',');
}

function scopeOf(access: RouteAccess, address: Address, image: string | undefined): string | undefined {
	if (typeof access === 'string') {
		return undefined;
	}
	if (image === undefined) {
		return 'registry:catalog:*';
	}
	const wanted = typeof access.action === 'string' ? [access.action] : access.action;
	return `repository:${address.namePrefix}${image}:${wanted.map(action => scopeActions[action]).join(',')}`;
}
