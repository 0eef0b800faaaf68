import type {AuditLog, AuditedChange, RegistryError, Repositories} from '@stowage/core';
import {authorizationOf, findCredentials} from '../auth/authorization-header.ts';
import type {HttpContext} from '../http/http-context.ts';
import type {Route} from '../http/route.ts';
import type {TrustedProxies} from '../http/trusted-proxies.ts';
import {nameOfRoute} from './audited-as.ts';
import {RequestChange} from './request-change.ts';

const longestTarget = 1024;
const longestName = 255;
const longestAddress = 64;

export interface RequestAuditParts {
	readonly audit: AuditLog;
	readonly proxies: TrustedProxies;
	readonly repositories: Pick<Repositories, 'has' | 'find'>;
}

/** What requests have to do with the audit log: the guard asks for changes, the place of errors tells of refusals. */
export class RequestAudit {
	readonly #log: AuditLog;
	readonly #proxies: TrustedProxies;
	readonly #repositories: RequestAuditParts['repositories'];

	constructor({audit, proxies, repositories}: RequestAuditParts) {
		this.#log = audit;
		this.#repositories = repositories;
		this.#proxies = proxies;
	}

	/** The change that the route makes. Of who did not sign in on a public route, only what succeeds is kept: he might send anything. */
	changeOf(context: HttpContext, route: Route, action: string, repository: string | undefined): RequestChange {
		const {caller} = context;
		const change = {...this.#placeOf(context, repository), user: caller.name.slice(0, longestName), action};
		const ahead = route.access !== 'public' || !caller.anonymous;
		const made = new RequestChange({log: this.#log, change, ahead});
		if (caller.accessToken !== undefined) {
			made.tell({tokenId: caller.accessToken});
		}
		return made;
	}

	/** Counts the answer, if it refuses somebody. Those who did not say who they are were only asked to. */
	refused(context: HttpContext, {status, code}: RegistryError): void {
		const slowedDown = status === 429 && code === 'TOOMANYREQUESTS';
		if (status !== 403 && !slowedDown && !(status === 401 && hasCredentials(context))) {
			return;
		}
		const {address, route, req} = context;
		this.#log.refuse({
			...this.#placeOf(context, this.#known(address?.repository)),
			...whoOf(context),
			action: route === undefined ? (req.method ?? '') : (route.audit ?? nameOfRoute(route)),
			status,
		});
	}

	/** A key that is in no more than a path would be another kind of refusal whenever somebody thinks up another. */
	#known(repository: string | undefined): string | undefined {
		if (repository === undefined) {
			return undefined;
		}
		const known = this.#repositories.has?.(repository) ?? this.#repositories.find(repository) !== undefined;
		return known ? repository : undefined;
	}

	#placeOf(context: HttpContext, repository: string | undefined): Omit<AuditedChange, 'action'> {
		const path = context.req.url?.split('?', 1)[0] ?? '';
		return {
			target: path.slice(0, longestTarget),
			...(repository !== undefined && {repository: repository.slice(0, longestName)}),
			address: this.#proxies.clientAddress(context.req).slice(0, longestAddress),
			requestId: context.requestId,
		};
	}
}

function whoOf(context: HttpContext): {readonly user?: string; readonly claimed?: string} {
	const caller = context.caller as HttpContext['caller'] | undefined;
	if (caller !== undefined) {
		return {user: caller.name.slice(0, longestName)};
	}
	const header = authorizationOf(context.req.headers);
	const credentials = header === undefined ? undefined : findCredentials(header);
	return credentials?.scheme === 'basic' ? {claimed: credentials.name.slice(0, longestName)} : {};
}

/** In a header, or in the form of a public route. */
function hasCredentials({req, route}: HttpContext): boolean {
	return authorizationOf(req.headers) !== undefined || (req.method === 'POST' && route?.access === 'public');
}
