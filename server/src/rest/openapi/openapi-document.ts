import {type JsonSchema, type RouteAccess, closeObjects} from '@stowage/core';
import type {TObject} from 'typebox';
import {version} from '../../cli/version.ts';
import {type AnswerDescription, type Endpoint, errorSchema} from '../endpoint.ts';

/** The description of these endpoints in the form of OpenAPI 3.1, made of the schemas that check their requests. */
export function openApiDocument(endpoints: readonly Endpoint[]): Record<string, unknown> {
	const paths: Record<string, Record<string, unknown>> = {};
	for (const endpoint of endpoints) {
		const path = openApiPath(endpoint.path);
		paths[path] = {...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint)};
	}
	return {
		openapi: '3.1.1',
		info: {
			title: 'Stowage',
			version,
			description: 'Everything is below `/artifactory` as well.',
			license: {name: 'Apache-2.0', identifier: 'Apache-2.0'},
		},
		servers: [{url: '/'}, {url: '/artifactory'}],
		tags: [...new Set(endpoints.map(({tag}) => tag))].toSorted().map(name => ({name})),
		paths,
		components: {
			securitySchemes: {
				basic: {type: 'http', scheme: 'basic', description: 'Name with password, or with a token as the password.'},
				bearer: {type: 'http', scheme: 'bearer'},
			},
			responses: {error: content({description: 'What is wrong.', schema: errorSchema})},
		},
	};
}

/** From `/api/x/:key/*path` to `/api/x/{key}/{path}`, without a slash that may be at the end. */
export function openApiPath(path: string): string {
	return path.replace(/\{\/\}$/, '').replaceAll(/[:*]([A-Za-z]\w*)/g, '{$1}');
}

function operation(endpoint: Endpoint): Record<string, unknown> {
	const {method, path, summary, description, tag, access, body, query, params, answers} = endpoint;
	const parameters = [...pathParameters(path, params), ...queryParameters(query)];
	return {
		operationId: operationId(method, path),
		summary,
		...(description !== undefined && {description}),
		tags: [tag],
		security: securityOf(access),
		...(parameters.length > 0 && {parameters}),
		...(body !== undefined && {requestBody: requestBody(body)}),
		responses: {
			...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, content(answer)])),
			default: {$ref: '#/components/responses/error'},
		},
	};
}

function operationId(method: string, path: string): string {
	const words = path.split(/[^A-Za-z0-9]+/).filter(word => word !== '');
	return method.toLowerCase() + words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function pathParameters(path: string, params: TObject | undefined): readonly object[] {
	const names = [...path.matchAll(/[:*]([A-Za-z]\w*)/g)].map(match => match[1] ?? '');
	return names.map(name => ({
		name,
		in: 'path',
		required: true,
		...described(plain(params?.properties[name] ?? {type: 'string'})),
	}));
}

function queryParameters(query: TObject | undefined): readonly object[] {
	const required = new Set<string>(query?.required ?? []);
	return Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
		name,
		in: 'query',
		required: required.has(name),
		...described(plain(schema)),
	}));
}

function described({description, ...schema}: JsonSchema): object {
	return description === undefined ? {schema} : {description, schema};
}

function requestBody({schema, contentTypes = ['application/json']}: NonNullable<Endpoint['body']>): object {
	const closed = closeObjects(plain(schema));
	return {required: true, content: Object.fromEntries(contentTypes.map(type => [type, {schema: closed}]))};
}

function content({description, schema, contentType}: AnswerDescription): object {
	if (schema === undefined && contentType === undefined) {
		return {description};
	}
	const media = schema === undefined ? {} : {schema: plain(schema)};
	const types = [contentType ?? 'application/json'].flat();
	return {description, content: Object.fromEntries(types.map(type => [type, media]))};
}

function securityOf(access: RouteAccess): readonly object[] {
	const ways = [{basic: []}, {bearer: []}];
	// Who may read without signing in is decided by the configuration: such a route may be asked without credentials too.
	return access === 'public' || typeof access === 'object' ? [...ways, {}] : ways;
}

/** Without what only the library that made the schema knows. */
function plain(schema: object): JsonSchema {
	return JSON.parse(JSON.stringify(schema)) as JsonSchema;
}
