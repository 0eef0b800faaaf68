import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Action} from '../access/action.ts';
import type {Caller} from '../access/caller.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {Repository} from '../repositories/repository.ts';

/**
 * What a route asks of its caller, decided by the server's one gate before the handler runs. A route cannot be defined
 * without saying it. `image` names the path parameter that holds the image; without it the whole repository is meant.
 * `repository` names the one that holds the repository's key, in routes that are not of a protocol.
 */
export type RouteAccess =
	| 'public'
	| 'signed-in'
	| 'admin'
	| {readonly action: Action | readonly Action[]; readonly image?: string; readonly repository?: string};

/** How a client reached this server. */
export interface RouteAddress {
	readonly site: {
		/** Host and port as the client typed them. */
		readonly host: string;
		/** Scheme and host, as far as is known, without a slash at the end. */
		readonly origin: string;
		/** Keys of the repositories that host or port mean, by protocol; undefined where the path names the repository. */
		readonly bound?: Readonly<Record<string, string>>;
	};
	/** Key of the repository that is meant; undefined where none is named. */
	readonly repository?: string;
	/** What the client puts before the paths that routes see: `/v2`, `/api/docker/<key>/v2`. */
	readonly prefix: string;
}

/** What a handler sees of a request; the server's Koa context has it all. */
export interface RouteContext {
	readonly req: IncomingMessage;
	readonly res: ServerResponse;
	readonly params: Readonly<Record<string, string>>;
	readonly query: Readonly<Record<string, string | string[] | undefined>>;
	readonly caller: Caller;
	readonly address: RouteAddress;
	/** The checked name in the path parameter that the route's access names. */
	readonly image?: ImageName;
	/** The repository that the address means; only for routes of a protocol. */
	readonly repository?: Repository;
	/** Aborts when the client leaves. */
	readonly signal: AbortSignal;
	status: number;
	body: unknown;
	get(header: string): string;
	set(header: string, value: string): void;
	/**
	 * A signed token for the caller, good for an hour and for these actions on one image of the repository that is meant, as
	 * far as he may do them himself. Clients show it as `Bearer`, or in the protocol's own way.
	 */
	issueToken(image: ImageName, actions: readonly Action[]): Promise<string>;
}

export type RouteMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RouteOptions {
	/**
	 * What the audit log calls a use of the route: `manifest.push`. False for one that changes nothing worth keeping.
	 * Unless told, uses by methods that change things are kept under method and path, if the access asks for more than reading.
	 */
	readonly audit?: string | false;
}

export interface Routes {
	/** Paths as in path-to-regexp 8: `/*image/tags/list`. GET serves HEAD too unless HEAD is defined before it. */
	route(
		method: RouteMethod,
		path: string,
		access: RouteAccess,
		handler: (context: RouteContext) => void | Promise<void>,
		options?: RouteOptions,
	): void;
}
