import type {Action, ImageName, OptionsValidator, RouteContext, Routes} from '@stowage/core';
import {auditedBody} from '../../audit/audited-body.ts';
import type {RequestChange} from '../../audit/request-change.ts';
import {answer, answerJson} from '../../http/answer.ts';
import {checkAccess} from '../../http/gate.ts';
import type {HttpContext} from '../../http/http-context.ts';
import type {RouteTables} from '../../http/route-tables.ts';
import {absoluteUrl} from '../../http/site.ts';
import type {Endpoint, EndpointAnswer, EndpointRequest} from '../endpoint.ts';
import {readEndpointBody} from './read-body.ts';
import {readQuery} from './read-query.ts';
import {checkRequest} from './request-check.ts';

/** What belongs to the REST API, besides paths of the server's own; no plugin can add routes below. */
export const restPrefixes = ['/api', '/access'] as const;

/**
 * Adds the endpoints to the tables of their prefixes; those of no prefix to `own`, in this order, and those whose path
 * begins with the key of a repository to the table of items.
 */
export function mountEndpoints(
	endpoints: readonly Endpoint[],
	{tables, own, validator}: {readonly tables: RouteTables; readonly own: Routes; readonly validator: OptionsValidator},
): void {
	const prefixed = new Map<string, Routes>(restPrefixes.map(prefix => [prefix, tables.below(prefix)]));
	for (const endpoint of endpoints) {
		const {method, path, access, audit} = endpoint;
		const prefix = restPrefixes.find(prefix => path.startsWith(`${prefix}/`)) ?? '';
		const handler = async (context: RouteContext) => run(endpoint, context as unknown as HttpContext, validator);
		const table = prefixed.get(prefix) ?? (path.startsWith('/:') ? tables.items() : own);
		table.route(method, path.slice(prefix.length), access, handler, {audit});
	}
}

async function run(endpoint: Endpoint, context: HttpContext, validator: OptionsValidator): Promise<void> {
	const request = await readRequest(endpoint, context, validator);
	if (context.change !== undefined) {
		tellRequest(context.change, endpoint, request);
	}
	const told = await endpoint.handle(request);
	await context.change?.finish(told?.status ?? 200);
	send(context, told);
}

/** What the audit log says of a request besides its path. */
function tellRequest(
	change: RequestChange,
	{query, body}: Endpoint,
	request: EndpointRequest<unknown, unknown, unknown>,
): void {
	const asked = body && auditedBody({...body.schema}, request.body);
	const parameters = query && auditedBody({...query}, request.query);
	const told = Object.entries({asked, parameters}).flatMap(([name, value]) =>
		value === undefined || JSON.stringify(value) === '{}' ? [] : [[name, value] as const],
	);
	change.tell(Object.fromEntries(told));
}

async function readRequest(
	{params, query, body}: Endpoint,
	context: HttpContext,
	validator: OptionsValidator,
): Promise<EndpointRequest<unknown, unknown, unknown>> {
	const check = (schema: Parameters<typeof checkRequest>[1], input: Parameters<typeof checkRequest>[2]) =>
		checkRequest(validator, schema, input);
	const checkedParams = params
		? check(params, {value: {...context.params}, place: 'path parameter'})
		: {...context.params};
	const asked = query && readQuery(query, new URLSearchParams(context.querystring));
	const checkedQuery = query ? check(query, {value: asked, place: 'query parameter'}) : {};
	const read = body && ((await readEndpointBody(context, body)) ?? {});
	const checkedBody = body && check(body.schema, {value: read, place: 'field'});
	const {caller, signal} = context;
	return {
		params: checkedParams,
		query: checkedQuery,
		body: checkedBody,
		caller,
		context,
		signal,
		url: path => urlOf(context, path),
		demand: (action: Action, repository: string, image?: ImageName) =>
			checkAccess({action}, caller, {repository, image}),
	};
}

function urlOf({address, req}: HttpContext, path: `/${string}`): string {
	const outer = req.url?.startsWith('/artifactory/') === true ? '/artifactory' : '';
	return address === undefined ? outer + path : absoluteUrl(address.site, outer + path);
}

function send(context: HttpContext, told: EndpointAnswer): void {
	if (told === undefined) {
		return;
	}
	const {status = 200, headers = {}} = told;
	if (told.json !== undefined) {
		answerJson(context, status, headers, told.json, told.mediaType);
	} else if (told.text === undefined) {
		answer(context, status, {...headers, ...(status === 204 ? {} : {'Content-Length': 0})});
	} else {
		const body = Buffer.from(told.text);
		const type = told.mediaType ?? 'text/plain; charset=utf-8';
		answer(context, status, {...headers, 'Content-Type': type, 'Content-Length': body.length}, body);
	}
}
