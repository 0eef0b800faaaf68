import type {Action, ImageName, Repository} from '@stowage/core';
import type Koa from 'koa';
import type {RequestChange} from '../audit/request-change.ts';
import type {Authenticated} from '../auth/authenticated.ts';
import type {Authenticator} from '../auth/authenticator.ts';
import type {AccelRedirect} from './accel-redirect.ts';
import type {Address} from './addressing.ts';
import {issueToken} from './issue-token.ts';
import type {RouteTable} from './route-table.ts';
import type {Route} from './route.ts';

/** What Stowage adds to Koa's context, in the order in which it is set. */
export interface RequestParts {
	requestId: string;
	address?: Address;
	/** The table that the address chose. */
	table?: RouteTable;
	route?: Route;
	params: Record<string, string>;
	caller: Authenticated;
	/** The checked name in the path parameter that the route's access names. */
	image?: ImageName;
	/** The repository that the address means, where it means one. */
	repository?: Repository;
	/** Aborts when the client leaves. */
	readonly signal: AbortSignal;
	abortController?: AbortController;
	/** Where trusted proxies send files themselves. */
	accelRedirect?: AccelRedirect;
	/** What the audit log is to say of a request that may change something. */
	change?: RequestChange;
	/** As a `RouteContext` promises it. */
	issueToken(image: ImageName, actions: readonly Action[]): Promise<string>;
	/** Set when a client that waited was told to send its body. */
	continued?: boolean;
}

export type HttpContext = Koa.ParameterizedContext<Koa.DefaultState, RequestParts>;

/** What a handler sees whose route's access names an image. */
export type ImageContext = HttpContext & {
	readonly address: Address;
	readonly repository: Repository;
	readonly image: ImageName;
};

/** Defines the lazy members: most requests that are answered from memory never need a signal. */
export function addRequestParts(
	app: Koa<Koa.DefaultState, RequestParts>,
	authenticator: Pick<Authenticator, 'issueToken'>,
): void {
	app.context.issueToken = async function (this: HttpContext, image, actions) {
		return issueToken(this, authenticator, {image, actions});
	};
	Object.defineProperty(app.context, 'signal', {
		configurable: true,
		get(this: HttpContext): AbortSignal {
			return (this.abortController ??= watchClient(this)).signal;
		},
	});
}

function watchClient({res}: HttpContext): AbortController {
	const controller = new AbortController();
	const leave = () => {
		if (!res.writableFinished) {
			controller.abort();
		}
	};
	if (res.closed) {
		leave();
	} else {
		res.once('close', leave);
	}
	return controller;
}
