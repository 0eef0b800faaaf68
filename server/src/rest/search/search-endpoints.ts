import {Type} from 'typebox';
import {addressOf} from '../items/describe-item.ts';
import {streamJson} from '../items/stream-json.ts';
import {type Endpoint, type EndpointRequest, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {aqlRowSchema} from './aql-row-schema.ts';
import {type AqlQuery, parseAql} from './aql-query.ts';
import {type AqlFields, aqlFieldsOf, aqlRow} from './aql-rows.ts';
import {type Criteria, mostComparisons} from './criteria.ts';
import type {FoundItem} from './found-item.ts';
import {type SearchOptions, searchItems} from './search-items.ts';

const range = Type.Object({start_pos: Type.Integer(), end_pos: Type.Integer(), total: Type.Integer()});

/** What can be sorted; more has to be asked for in parts. */
const mostSorted = 100_000;

type Request = Pick<EndpointRequest<unknown, unknown, unknown>, 'caller' | 'signal' | 'context' | 'url'>;

/** Searches through the items of all repositories that the caller may read. */
export function searchEndpoints(parts: RestParts): readonly Endpoint[] {
	return [aqlEndpoint(parts), ...classicEndpoints(parts)];
}

/** `POST /api/search/aql`: the part of the language that JFrog's own clients send. */
function aqlEndpoint(parts: RestParts): Endpoint {
	return defineEndpoint({
		method: 'POST',
		path: '/api/search/aql',
		access: 'signed-in',
		audit: false,
		tag: 'search',
		summary: 'Items by a query: items.find({...}).include(...).sort({...}).offset(n).limit(n).',
		description:
			'Criteria are `$and` and `$or` of fields and properties (`@name`), compared by `$eq`, `$ne`, `$match`, `$nmatch`, `$gt`, `$gte`, `$lt` and `$lte`. There are no builds: what is compared with one does not match.',
		body: {
			schema: Type.String(),
			contentTypes: ['text/plain', 'application/x-www-form-urlencoded', 'application/json'],
		},
		answers: {
			200: {
				description: 'What was found.',
				schema: Type.Object({results: Type.Array(aqlRowSchema), range}),
			},
			400: {description: 'The query cannot be read.'},
		},
		async handle({body, ...request}) {
			const query = parseAql(body);
			const fields = aqlFieldsOf(query);
			const range = {start_pos: query.offset, end_pos: query.offset, total: 0};
			const items = rowsOf(parts, query, {fields, request, range});
			await streamJson(request.context, {list: 'results', items, after: () => ({range})});
			return undefined;
		},
	});
}

interface RowsRequest {
	readonly fields: AqlFields;
	readonly request: Request;
	readonly range: {end_pos: number; total: number};
}

async function* rowsOf(
	parts: RestParts,
	query: AqlQuery,
	{fields, request, range}: RowsRequest,
): AsyncGenerator<unknown, void> {
	const {offset, limit, sort, criteria} = query;
	const asked = [...fields.fields, ...(sort?.fields ?? [])];
	const found = searchItems(parts, criteria, {
		...request,
		properties: fields.properties !== undefined,
		checksums: asked.some(name => /_(?:sha1|md5)$/.test(name)),
	});
	let position = 0;
	for await (const item of sort === undefined ? found : sorted(found, sort)) {
		if (position >= offset + limit) {
			return;
		}
		if (position++ >= offset) {
			range.end_pos = position;
			range.total++;
			yield aqlRow(item, fields);
		}
	}
}

async function* sorted(
	items: AsyncIterable<FoundItem>,
	{fields, descending}: NonNullable<AqlQuery['sort']>,
): AsyncGenerator<FoundItem, void> {
	const all: FoundItem[] = [];
	for await (const item of items) {
		if (all.push(item) > mostSorted) {
			throw restError(400, `more than ${mostSorted} items cannot be sorted: narrow the search`);
		}
	}
	const compare = (one: FoundItem, other: FoundItem) => {
		for (const field of fields) {
			const [first = '', second = ''] = [one.fields[field], other.fields[field]];
			if (first !== second) {
				return first < second ? -1 : 1;
			}
		}
		return 0;
	};
	yield* all.toSorted(descending ? (one, other) => compare(other, one) : compare);
}

const repos = Type.Optional(Type.String({description: 'Keys of repositories, with commas between; all without it.'}));
const results = Type.Object({results: Type.Array(Type.Object({uri: Type.String()}))});

/** `GET /api/search/artifact`, `/prop` and `/checksum`. */
function classicEndpoints(parts: RestParts): readonly Endpoint[] {
	const common = {
		method: 'GET',
		access: 'signed-in',
		tag: 'search',
		answers: {200: {description: 'Addresses of what was found.', schema: results}},
	} as const;
	return [
		defineEndpoint({
			...common,
			path: '/api/search/artifact',
			summary: 'Files by name; `*` and `?` are wildcards.',
			query: Type.Object({name: Type.String({minLength: 1}), repos}),
			handle: async ({query: {name, repos}, ...request}) => answerUris(parts, {repos, tests: [named(name)]}, request),
		}),
		defineEndpoint({
			...common,
			path: '/api/search/prop',
			summary: 'Items by properties: every other parameter is the name of one, with its value, `*` or nothing.',
			query: Type.Object({repos}),
			handle: async ({query: {repos}, ...request}) =>
				answerUris(parts, {repos, tests: propertyTests(request.context.querystring)}, request),
		}),
		defineEndpoint({
			...common,
			path: '/api/search/checksum',
			summary: 'Files by checksum; MD5 and SHA-1 of blobs are read for it, 256 MiB at most, and kept.',
			query: Type.Object({
				sha256: Type.Optional(Type.String()),
				sha1: Type.Optional(Type.String()),
				md5: Type.Optional(Type.String()),
				repos,
			}),
			handle: async ({query: {sha256, sha1, md5, repos}, ...request}) => {
				const wanted = Object.entries({sha256, actual_sha1: sha1, actual_md5: md5});
				const tests = wanted.flatMap(([field, value]) => (value === undefined ? [] : [test(field, '$eq', value)]));
				return answerUris(parts, {repos, tests}, request);
			},
		}),
	];
}

async function answerUris(
	parts: RestParts,
	{repos, tests}: {readonly repos: string | undefined; readonly tests: readonly Criteria[]},
	request: Request,
): Promise<undefined> {
	if (tests.length === 0) {
		throw restError(400, 'nothing is asked for');
	}
	const keys = (repos ?? '').split(',').filter(key => key.trim() !== '');
	if (keys.length + tests.length > mostComparisons) {
		throw restError(400, `more than ${mostComparisons} repositories and properties are named`);
	}
	const places: Criteria[] =
		keys.length === 0 ? [] : [{kind: 'or', parts: keys.map(key => test('repo', '$eq', key.trim()))}];
	const options: SearchOptions = {...request, properties: false, checksums: false};
	const found = searchItems(parts, {kind: 'and', parts: [...places, ...tests]}, options);
	await streamJson(request.context, {list: 'results', items: urisOf(found, request)});
	return undefined;
}

async function* urisOf(found: AsyncIterable<FoundItem>, {url}: Request): AsyncGenerator<unknown, void> {
	for await (const {repository, item} of found) {
		yield {uri: url(`/api/storage${addressOf(repository, item.path)}`)};
	}
}

function propertyTests(querystring: string): readonly Criteria[] {
	const tests: Criteria[] = [test('type', '$eq', 'any')];
	for (const [name, value] of new URLSearchParams(querystring)) {
		if (name !== 'repos') {
			tests.push(test(`@${name}`, '$match', value === '' ? '*' : value));
		}
	}
	return tests.length === 1 ? [] : tests;
}

function named(name: string): Criteria {
	return test('name', '$match', name);
}

function test(field: string, operator: '$eq' | '$match', value: string): Criteria {
	return {kind: 'test', field, operator, value};
}
