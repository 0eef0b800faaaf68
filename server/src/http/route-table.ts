import {Router} from '@koa/router';
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

interface Definition {
	readonly layer: TableRouter['stack'][number];
	readonly route: Route;
	readonly handler: Handler;
}

/** The routes of one protocol or of one prefix. None can be defined without saying what it asks of its caller. */
export class RouteTable implements Routes {
	readonly name: string;
	readonly errors: 'oci' | 'rest';
	readonly protocol?: ProtocolOptions;
	readonly #guard: Guard;
	readonly #router: TableRouter = new Router({strict: true, sensitive: true});
	/** By method: the router itself would try the paths of all of them, and compose a chain of functions for each request. */
	readonly #definitions = new Map<string, Definition[]>();
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
		this.#routes.push(route);
		// What answers GET answers HEAD too, unless a route before it does.
		for (const answered of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
			const layer = this.#router.register(path, [answered], nothing) as Definition['layer'];
			const definition = {layer, route, handler: handler as Handler};
			this.#definitions.set(answered, [...(this.#definitions.get(answered) ?? []), definition]);
		}
	}

	list(): readonly Route[] {
		return this.#routes;
	}

	/** Runs the first route of the path and method. False when no route has the path; throws `UNSUPPORTED` when only others' methods do. */
	async run(context: HttpContext, path: string): Promise<boolean> {
		const {method = ''} = context.req;
		const definition = findDefinition(this.#definitions.get(method), path);
		if (definition !== undefined) {
			const {layer, route, handler} = definition;
			context.params = layer.params(path, layer.captures(path));
			await this.#guard(context, route, handler);
			return true;
		}
		const possible = [...this.#definitions].filter(
			([, definitions]) => findDefinition(definitions, path) !== undefined,
		);
		if (possible.length > 0) {
			const headers = {Allow: possible.map(([name]) => name).join(', ')};
			throw new RegistryError('UNSUPPORTED', `${method} is not possible here`, {headers});
		}
		return false;
	}
}

function findDefinition(definitions: readonly Definition[] | undefined, path: string): Definition | undefined {
	return definitions?.find(({layer}) => layer.match(path));
}

async function nothing(): Promise<void> {}
