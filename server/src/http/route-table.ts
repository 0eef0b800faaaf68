import {Router, type RouterContext} from '@koa/router';
import {
	type ProtocolOptions,
	RegistryError,
	type RouteAccess,
	type RouteContext,
	type RouteMethod,
	type RouteOptions,
	type Routes,
} from '@stowage/core';
import type Koa from 'koa';
import {auditedAs} from '../audit/audited-as.ts';
import type {HttpContext, RequestParts} from './http-context.ts';
import type {Route} from './route.ts';

export type Handler = (context: HttpContext) => void | Promise<void>;

/** Decides whether the caller may, completes the context, and only then runs the handler. */
export type Guard = (context: HttpContext, route: Route, handler: Handler) => Promise<void>;

export interface RouteTableOptions {
	/** Name of a protocol, or a path prefix. */
	readonly name: string;
	/** `oci`: errors in the form of the distribution specification; `rest`: in that of Artifactory's API. */
	readonly errors: 'oci' | 'rest';
	/** Of a plugin's protocol. */
	readonly protocol?: ProtocolOptions;
	readonly guard: Guard;
}

type TableRouter = Router<Koa.DefaultState, RequestParts>;

interface MethodRouter {
	readonly router: TableRouter;
	readonly middleware: ReturnType<TableRouter['routes']>;
}

/** The routes of one protocol or of one prefix. None can be defined without saying what it asks of its caller. */
export class RouteTable implements Routes {
	readonly name: string;
	readonly errors: 'oci' | 'rest';
	readonly protocol?: ProtocolOptions;
	readonly #guard: Guard;
	/** One for each method: a router tries all its routes on each request. */
	readonly #routers = new Map<string, MethodRouter>();
	readonly #routes: Route[] = [];

	constructor({name, errors, protocol, guard}: RouteTableOptions) {
		this.name = name;
		this.errors = errors;
		this.protocol = protocol;
		this.#guard = guard;
	}

	route(
		method: RouteMethod,
		path: string,
		access: RouteAccess,
		handler: (context: HttpContext & RouteContext) => void | Promise<void>,
		options: RouteOptions = {},
	): void {
		const plain = {table: this.name, method, path, access};
		const route: Route = {...plain, audit: auditedAs(plain, options.audit)};
		const guard = this.#guard;
		this.#routes.push(route);
		// What answers GET answers HEAD too, unless a route before it does.
		for (const answered of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
			this.#routerOf(answered).router.register(path, [method], context => guard(context, route, handler as Handler));
		}
	}

	list(): readonly Route[] {
		return this.#routes;
	}

	/** Runs the first route of the path and method. False when no route has the path; throws `UNSUPPORTED` when only others' methods do. */
	async run(context: HttpContext, path: string): Promise<boolean> {
		const routed = context as unknown as RouterContext<Koa.DefaultState, RequestParts>;
		routed.newRouterPath = path;
		await this.#routers.get(context.method)?.middleware(routed, nothing);
		if (routed.routeMatched === true) {
			return true;
		}
		const possible = [...this.#routers].filter(([method, {router}]) => router.match(path, method).route);
		if (possible.length > 0) {
			const headers = {Allow: possible.map(([method]) => method).join(', ')};
			throw new RegistryError('UNSUPPORTED', `${context.method} is not possible here`, {headers});
		}
		return false;
	}

	#routerOf(method: string): MethodRouter {
		let found = this.#routers.get(method);
		if (found === undefined) {
			const router: TableRouter = new Router({strict: true, sensitive: true});
			found = {router, middleware: router.routes()};
			this.#routers.set(method, found);
		}
		return found;
	}
}

async function nothing(): Promise<void> {}
