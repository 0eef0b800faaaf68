import test, {type ExecutionContext} from 'ava';
import type {Endpoint} from '../endpoint.ts';
import {restEndpoints} from '../rest-endpoints.ts';
import {makeSecurityWorld} from './fixtures/security-world.ts';

interface Field {
	readonly name: string;
	readonly type?: unknown;
	readonly writeOnly?: unknown;
}

const secretName = /password|secret|hash|(?:^|_)token$|^apiKey$|credential/i;
const secret = 'geheim-4711';

/** All fields that a schema names, however deep. */
function fieldsOf(schema: unknown): readonly Field[] {
	if (typeof schema !== 'object' || schema === null) {
		return [];
	}
	const {properties} = schema as {readonly properties?: Readonly<Record<string, object>>};
	const named = Object.entries(properties ?? {}).flatMap(([name, inner]) => {
		// A field that may be `null` is a union of what it may be.
		const {anyOf = [inner]} = inner as {readonly anyOf?: readonly object[]};
		return anyOf.map(view => ({name, ...view}));
	});
	return [...named, ...Object.values(schema).flatMap(fieldsOf)];
}

function isSecret({name, type}: Field): boolean {
	return secretName.test(name) && type === 'string';
}

async function makeWorld(t: ExecutionContext) {
	const world = await makeSecurityWorld(t);
	return {...world, endpoints: restEndpoints(world.rest)};
}

function titleOf({method, path}: Endpoint): string {
	return `${method} ${path}`;
}

test('T51: no answer has a field of a secret but where one is made, and nothing is looked for by one', async t => {
	const {endpoints} = await makeWorld(t);
	const shown = endpoints.flatMap(endpoint => {
		const schemas = Object.values(endpoint.answers).map(({schema}) => schema);
		const names = new Set(
			fieldsOf(schemas)
				.filter(isSecret)
				.map(({name}) => name),
		);
		return [...names].map(name => `${titleOf(endpoint)}: ${name}`);
	});
	const made = [
		/^POST \/access\/api\/v1\/tokens: /,
		/^POST \/api\/security\/token: /,
		/^(?:GET|POST|PUT) \/api\/security\/apiKey: apiKey$/,
		/^POST \/access\/api\/v1\/oidc\/token: access_token$/,
	];
	t.deepEqual(
		shown.filter(title => !made.some(pattern => pattern.test(title)) && !/: (?:password|description)$/.test(title)),
		[],
	);
	const asked = endpoints.flatMap(endpoint => fieldsOf(endpoint.query).map(({name}) => name));
	t.deepEqual(
		asked.filter(name => secretName.test(name)),
		[],
	);
});

test('T54: every field of a body that holds a secret is marked as one', async t => {
	const {endpoints} = await makeWorld(t);
	const unmarked = endpoints.flatMap(endpoint =>
		fieldsOf(endpoint.body?.schema)
			.filter(field => isSecret(field) && field.writeOnly !== true)
			.map(({name}) => `${titleOf(endpoint)}: ${name}`),
	);
	t.deepEqual(unmarked, []);
});

test('T54: no error repeats a secret that was sent', async t => {
	const {endpoints, url, admin} = await makeWorld(t);
	const secretive = endpoints.filter(({body}) => fieldsOf(body?.schema).some(isSecret));
	t.true(secretive.length > 8);
	for (const endpoint of secretive) {
		const names = fieldsOf(endpoint.body?.schema)
			.filter(isSecret)
			.map(({name}) => name);
		const [type = 'application/json'] = endpoint.body?.contentTypes ?? [];
		const wrong = names.map(name => [name, [secret]]);
		for (const body of [
			JSON.stringify(Object.fromEntries(wrong)),
			`{"${names[0]}":"${secret}" "x":1}`,
			`{"${names[0]}":${secret}}`,
			new URLSearchParams(names.map(name => [name, secret] as [string, string])).toString(),
		]) {
			const path = endpoint.path.replace(/:\w+/g, 'missing');
			const headers = {authorization: admin, 'content-type': type};
			const response = await fetch(url + path, {method: endpoint.method, headers, body});
			const text = await response.text();
			t.true(response.status < 500, `${titleOf(endpoint)} ${response.status}`);
			t.false(text.includes('geheim') || text.includes('4711'), `${titleOf(endpoint)} ${text}`);
		}
	}
});
