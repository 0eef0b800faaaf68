import type {Action, ImageName, RouteAccess, RouteMethod} from '@stowage/core';
import {type Static, type TObject, type TSchema, Type} from 'typebox';
import type {Authenticated} from '../auth/authenticated.ts';
import type {HttpContext} from '../http/http-context.ts';

/** One operation of the REST API, as data: it is checked, mounted and described by what is said here and by nothing else. */
export interface Endpoint {
	readonly method: RouteMethod;
	/** As in path-to-regexp 8, with the prefix that decides about the table: `/api/repositories/:key`. */
	readonly path: `/${string}`;
	readonly access: RouteAccess;
	/** A sentence for the description of the API. */
	readonly summary: string;
	readonly description?: string;
	/** The resource that it belongs to. */
	readonly tag: string;
	/** The parameters in the path; those that are left out are texts. */
	readonly params?: TObject;
	/** What of the query is looked at. Numbers, booleans (`true`, `false`, `1`, `0`) and lists are made of the texts. */
	readonly query?: TObject;
	readonly body?: EndpointBody;
	readonly answers: Readonly<Record<number, AnswerDescription>>;
	/** As of `RouteOptions`; on public routes only what succeeds is kept. */
	readonly audit?: string | false;
	handle(request: EndpointRequest<unknown, unknown, unknown>): EndpointAnswer | Promise<EndpointAnswer>;
}

export interface EndpointBody<Schema extends TSchema = TSchema> {
	readonly schema: Schema;
	/** `application/json` unless told. A body of a form or a text is read as such: the first of these types decides. */
	readonly contentTypes?: readonly string[];
	/** Bytes; one MiB unless told. A longer one is answered with 413. */
	readonly limit?: number;
}

export interface AnswerDescription {
	readonly description: string;
	readonly schema?: TSchema;
	/** `application/json` where there is a schema, unless told; several where it depends on what is asked for. */
	readonly contentType?: string | readonly string[];
}

/** What a handler sees, checked. */
export interface EndpointRequest<Params, Query, Body> {
	readonly params: Params;
	readonly query: Query;
	readonly body: Body;
	readonly caller: Authenticated;
	/** Aborts when the client leaves. */
	readonly signal: AbortSignal;
	readonly context: HttpContext;
	/** A path of this server, as the client reaches it: with scheme, host and, if he used it, `/artifactory`. */
	readonly url: (path: `/${string}`) => string;
	/**
	 * The gate's decision for what only the body or the rest of the path names. Throws `UNAUTHORIZED` or `DENIED`. To be
	 * asked before looking whether it exists.
	 */
	readonly demand: (action: Action, repository: string, image?: ImageName) => void;
}

interface AnswerHead {
	/** 200 unless told. */
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
}

/** `undefined` when the handler has answered by itself, through `context`. */
export type EndpointAnswer =
	| (AnswerHead & {readonly json: unknown; readonly text?: undefined; readonly mediaType?: string})
	| (AnswerHead & {readonly json?: undefined; readonly text: string; readonly mediaType?: string})
	| (AnswerHead & {readonly json?: undefined; readonly text?: undefined; readonly mediaType?: undefined})
	| undefined;

interface EndpointDefinition<Params extends TObject, Query extends TObject, Body extends TSchema> extends Omit<
	Endpoint,
	'params' | 'query' | 'body' | 'handle'
> {
	readonly params?: Params;
	readonly query?: Query;
	readonly body?: EndpointBody<Body>;
	handle(
		request: EndpointRequest<Static<Params>, Static<Query>, Static<Body>>,
	): EndpointAnswer | Promise<EndpointAnswer>;
}

/** An endpoint whose handler sees what its schemas say. */
export function defineEndpoint<
	Params extends TObject = TObject,
	Query extends TObject = TObject,
	Body extends TSchema = TSchema,
>(definition: EndpointDefinition<Params, Query, Body>): Endpoint {
	return definition;
}

/** The form of every error of the REST API. */
export const errorSchema = Type.Object({
	errors: Type.Array(Type.Object({status: Type.Integer({description: 'The HTTP status.'}), message: Type.String()}), {
		minItems: 1,
	}),
});
