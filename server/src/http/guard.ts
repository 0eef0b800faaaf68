import {type Repositories, RegistryError, parseImageName} from '@stowage/core';
import type {RequestAudit} from '../audit/request-audit.ts';
import type {RequestChange} from '../audit/request-change.ts';
import type {Authenticator} from '../auth/authenticator.ts';
import {authorizationOf} from '../auth/authorization-header.ts';
import {registryErrorOf} from './error-status.ts';
import {checkAccess} from './gate.ts';
import type {HttpContext} from './http-context.ts';
import type {Guard, Handler} from './route-table.ts';
import {refuseOtherSites} from './refuse-other-sites.ts';
import {tellToSend} from './request-body.ts';
import type {Route} from './route.ts';
import type {TrustedProxies} from './trusted-proxies.ts';

export interface GuardParts {
	readonly authenticator: Pick<Authenticator, 'authenticate'>;
	readonly repositories: Repositories;
	readonly proxies: TrustedProxies;
	readonly audit: RequestAudit;
}

/** Stands before every route: who is it, may he, and what is it about; and keeps what was changed. */
export function createGuard({authenticator, repositories, proxies, audit}: GuardParts): Guard {
	return async (context: HttpContext, route: Route, handler: Handler) => {
		const {access} = route;
		const protocol = context.table?.protocol;
		context.route = route;
		refuseOtherSites(context);
		if (typeof access === 'object' && access.image !== undefined) {
			const name = context.params[access.image] ?? '';
			context.image = parseImageName(protocol?.imageName?.(name) ?? name);
		}
		const {req} = context;
		const authorization = protocol?.authorization?.(req.headers) ?? authorizationOf(req.headers);
		const caller = authenticator.authenticate(authorization, proxies.clientAddress(req));
		context.caller = caller instanceof Promise ? await caller : caller;
		const key = context.address?.repository;
		const named = typeof access === 'object' && access.repository !== undefined;
		const repository = key ?? (named ? context.params[access.repository ?? ''] : undefined);
		checkAccess(access, context.caller, {repository, image: context.image});
		if (key !== undefined) {
			context.repository = await repositories.get(key);
			if (context.repository === undefined) {
				throw new RegistryError('NAME_UNKNOWN', 'no such repository', {detail: {name: key}});
			}
		} else if (context.image !== undefined && !named) {
			throw new RegistryError('NAME_UNKNOWN', 'the address names no repository');
		}
		if (context.table?.errors === 'rest') {
			// Such handlers know nothing of clients that wait; those of /v2 look further before they want a body.
			tellToSend(context);
		}
		if (route.audit === undefined) {
			await handler(context);
			return;
		}
		context.change = audit.changeOf(context, route, route.audit, repository);
		await runAudited(context, context.change, handler);
	};
}

async function runAudited(context: HttpContext, change: RequestChange, handler: Handler): Promise<void> {
	await change.begin();
	try {
		await handler(context);
	} catch (error) {
		await change.finish(registryErrorOf(error, context.requestId).status);
		throw error;
	}
	await change.finish(context.res.statusCode);
}
