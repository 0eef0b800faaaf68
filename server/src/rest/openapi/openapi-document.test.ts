import {Validator} from '@seriousme/openapi-schema-validator';
import test, {type ExecutionContext} from 'ava';
import {createRouteTables} from '../../http/app.ts';
import {startApp} from '../../http/fixtures/start-app.ts';
import {openApiPath} from './openapi-document.ts';

interface Operation {
	readonly operationId: string;
	readonly tags: readonly string[];
	readonly security: readonly object[];
	readonly parameters?: readonly {readonly name: string; readonly in: string}[];
	readonly requestBody?: {readonly content: Readonly<Record<string, {readonly schema: object}>>};
	readonly responses: Readonly<Record<string, object>>;
}

interface Document {
	readonly openapi: string;
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

async function start(t: ExecutionContext) {
	const app = await startApp();
	t.teardown(() => app.stop());
	const response = await fetch(`${app.url}/artifactory/api/openapi.json`);
	t.is(response.headers.get('content-type'), 'application/json');
	return {app, document: (await response.json()) as Document};
}

test('the served description is one of OpenAPI 3.1', async t => {
	const {document} = await start(t);
	t.regex(document.openapi, /^3\.1\.\d+$/);
	const result = await new Validator().validate(document as object as Record<string, unknown>);
	t.true(result.valid, JSON.stringify(result.errors, undefined, 1));
});

test('every route of the API is in it, and nothing else', async t => {
	const {app, document} = await start(t);
	const routes = createRouteTables(app.parts).list();
	const served = routes
		.filter(
			({table, path}) =>
				['/api', '/access'].includes(table) || app.parts.endpoints.some(endpoint => endpoint.path === path),
		)
		.map(({method, path}) => `${method} ${openApiPath(path)}`);
	const described = Object.entries(document.paths).flatMap(([path, operations]) =>
		Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
	);
	t.deepEqual(described.toSorted(), served.toSorted());
	t.true(described.length > 20);
});

test('each operation has a name of its own, what it answers, and what is in its path', async t => {
	const {document} = await start(t);
	const names = new Set<string>();
	for (const [path, operations] of Object.entries(document.paths)) {
		for (const [method, operation] of Object.entries(operations)) {
			const title = `${method} ${path}`;
			t.false(names.has(operation.operationId), title);
			names.add(operation.operationId);
			t.deepEqual(
				(operation.parameters ?? []).flatMap(parameter => (parameter.in === 'path' ? [parameter.name] : [])),
				[...path.matchAll(/\{(\w+)\}/g)].map(match => match[1] ?? ''),
				title,
			);
			t.true('default' in operation.responses && Object.keys(operation.responses).length > 1, title);
			t.is(operation.tags.length, 1, title);
		}
	}
});

test('it says what the schemas check, and that no secret is ever read', async t => {
	const {document} = await start(t);
	const content = document.paths['/api/repositories/{key}']?.['put']?.requestBody?.content;
	const json = content?.['application/json']?.schema as {properties: Record<string, Record<string, unknown>>};
	const {properties} = json;
	t.like(properties['maxUniqueTags'], {type: ['integer', 'null'], minimum: 0, maximum: 1_000_000});
	t.like(properties['platformTags'], {type: ['boolean', 'null']});
	t.like(properties['sparseIndexes'], {type: ['boolean', 'null']});
	t.is((properties['repositoryQuota']?.['anyOf'] as object[] | undefined)?.length, 3);
	t.like(properties['retention'], {type: ['array', 'null']});
	t.regex(String(properties['proxy']?.['description']), /http:/);
	t.like(properties['clientTlsCertificate'], {type: ['string', 'null'], writeOnly: true});
	t.is(properties['password']?.['writeOnly'], true);
	t.deepEqual(
		Object.values(properties).filter(
			schema => !('type' in schema || 'anyOf' in schema || 'enum' in schema) || 'default' in schema,
		),
		[],
	);
	t.deepEqual(document.paths['/api/system/ping']?.['get']?.security, [{basic: []}, {bearer: []}, {}]);
});
