import test, {type ExecutionContext} from 'ava';
import {Type} from 'typebox';
import {startApp} from '../../http/fixtures/start-app.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';

const answers = {200: {description: 'Done.'}};
const common = {access: 'public', tag: 'test', summary: 'For a test.', answers} as const;

const write = defineEndpoint({
	...common,
	method: 'PUT',
	path: '/api/things/:name',
	params: Type.Object({name: Type.String({pattern: '^[a-z]+$'})}),
	query: Type.Object({
		deep: Type.Boolean({default: false}),
		limit: Type.Optional(Type.Integer({minimum: 1})),
		tag: Type.Optional(Type.Array(Type.String())),
	}),
	body: {
		schema: Type.Object({
			size: Type.Integer(),
			owners: Type.Array(Type.Object({name: Type.String()}), {default: []}),
		}),
		contentTypes: ['application/json', 'application/vnd.example+json'],
		limit: 100,
	},
	handle: ({params, query, body}) => ({json: {...params, ...query, ...body}}),
});
const form = defineEndpoint({
	...common,
	method: 'POST',
	path: '/api/form',
	body: {
		schema: Type.Object({user: Type.String()}),
		contentTypes: ['application/x-www-form-urlencoded'],
	},
	handle: ({body}) => ({text: body.user}),
});
const text = defineEndpoint({
	...common,
	method: 'POST',
	path: '/api/text',
	body: {schema: Type.String({minLength: 1}), contentTypes: ['text/plain']},
	handle: ({body}) => ({status: 201, text: body.toUpperCase()}),
});
const link = defineEndpoint({
	...common,
	method: 'GET',
	path: '/api/link',
	handle: ({url}) => ({json: {uri: url('/api/other')}}),
});
const demanding = defineEndpoint({
	...common,
	method: 'DELETE',
	path: '/api/demanding/:key',
	access: {action: 'delete', repository: 'key'},
	handle: ({demand}) => {
		demand('manage', 'docker-local');
		return {status: 204};
	},
});

async function start(t: ExecutionContext, endpoints: readonly Endpoint[] = [write, form, text, link, demanding]) {
	const app = await startApp({parts: {endpoints}});
	t.teardown(() => app.stop());
	return async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
		const response = await fetch(app.url + path, {method, body, headers});
		return {status: response.status, headers: response.headers, body: await response.text()};
	};
}

const basic = (name: string) => ({authorization: `Basic ${Buffer.from(`${name}:secret`).toString('base64')}`});
const json = {'content-type': 'application/json'};

test('a handler sees what the schemas say, completed with defaults', async t => {
	const ask = await start(t);
	const answer = await ask('PUT', '/api/things/abc?deep=1&limit=5&tag=a&tag=b&other=x', '{"size":1}', json);
	t.deepEqual(JSON.parse(answer.body), {name: 'abc', deep: true, limit: 5, tag: ['a', 'b'], size: 1, owners: []});
	t.is(answer.status, 200);
	const vendor = {'content-type': 'application/vnd.example+json; charset=utf-8'};
	t.is((await ask('PUT', '/artifactory/api/things/abc', '{"size":1}', vendor)).status, 200);
});

const refusals = [
	{what: 'a path', path: '/api/things/ABC', body: '{"size":1}', status: 400, message: /path parameter "name"/},
	{
		what: 'a query',
		path: '/api/things/abc?limit=x',
		body: '{"size":1}',
		status: 400,
		message: /query parameter "limit"/,
	},
	{what: 'a missing field', path: '/api/things/abc', body: '{}', status: 400, message: /field "size": is missing/},
	{
		what: 'an inner field',
		path: '/api/things/abc',
		body: '{"size":1,"owners":[{"name":7}]}',
		status: 400,
		message: /field "owners\[0\]\.name": must be string/,
	},
	{
		what: 'an unknown field',
		path: '/api/things/abc',
		body: '{"size":1,"x":1}',
		status: 400,
		message: /field "x": there is no such field/,
	},
	{what: 'no JSON', path: '/api/things/abc', body: '{"size":', status: 400, message: /cannot be read as JSON/},
	{
		what: 'a prototype',
		path: '/api/things/abc',
		body: '{"__proto__":{}}',
		status: 400,
		message: /cannot be read as JSON/,
	},
	{what: 'a list', path: '/api/things/abc', body: '[]', status: 400, message: /the body must be object/},
	{
		what: 'too much',
		path: '/api/things/abc',
		body: `{"size":1,"x":"${'y'.repeat(100)}"}`,
		status: 413,
		message: /100 bytes/,
	},
] as const;

for (const {what, path, body, status, message} of refusals) {
	test(`${what} that does not fit is refused with ${status} and the name of what is wrong`, async t => {
		const ask = await start(t);
		const answer = await ask('PUT', path, body, json);
		t.is(answer.status, status);
		const {errors} = JSON.parse(answer.body) as {errors: {status: number; message: string}[]};
		t.is(errors[0]?.status, status);
		t.regex(errors[0]?.message ?? '', message);
	});
}

test('a body of another type is refused with 415, and one without a type is taken for what is expected', async t => {
	const ask = await start(t);
	t.is((await ask('PUT', '/api/things/abc', '<size>1</size>', {'content-type': 'application/xml'})).status, 415);
	const response = await ask('POST', '/api/text', 'abc', {'content-type': 'text/plain; charset=utf-8'});
	t.like(response, {status: 201, body: 'ABC'});
	t.is((await ask('POST', '/api/text')).status, 400);
	t.like(await ask('POST', '/api/form', 'user=a%20b', {'content-type': 'application/x-www-form-urlencoded'}), {
		status: 200,
		body: 'a b',
	});
});

test('addresses in answers are those that the client uses', async t => {
	const ask = await start(t);
	t.regex((await ask('GET', '/api/link')).body, /^\{"uri":"http:\/\/127\.0\.0\.1:\d+\/api\/other"\}$/);
	t.regex((await ask('GET', '/artifactory/api/link')).body, /:\d+\/artifactory\/api\/other"/);
});

test('what a path names is decided before the handler, and what a handler demands by the same gate', async t => {
	const ask = await start(t);
	const anonymous = await ask('DELETE', '/api/demanding/docker-dev');
	t.is(anonymous.status, 401);
	t.regex(anonymous.headers.get('www-authenticate') ?? '', /^Basic/);
	t.is((await ask('DELETE', '/api/demanding/docker-dev', undefined, basic('guest'))).status, 403);
	t.is((await ask('DELETE', '/api/demanding/docker-dev', undefined, basic('admin'))).status, 204);
});

test('a path that nothing has is answered in the form of this API', async t => {
	const ask = await start(t);
	for (const path of ['/api/nothing', '/artifactory/access/nothing', '/access/nothing']) {
		const answer = await ask('GET', path);
		t.is(answer.status, 404);
		t.like(JSON.parse(answer.body), {errors: [{status: 404}]});
	}
});
