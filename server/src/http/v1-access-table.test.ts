import {createHash} from 'node:crypto';
import {type RepositoryType, StoredV1Images} from '@stowage/core';
import {localType} from '@stowage/local';
import v1 from '@stowage/v1-migration';
import test, {type ExecutionContext} from 'ava';
import {type AccessCaller, type Asks, accessCallers} from './fixtures/access-callers.ts';
import {basic, makeAccessWorld} from './fixtures/access-world.ts';
import type {Route} from './route.ts';

interface Decision {
	/** `known id`: those who may read a name that has the image; `new id`: those who may push to a name that announced it. */
	readonly asks: Asks | 'search' | 'known id' | 'new id';
	readonly path: string;
	/** Whether the image is gone then. */
	readonly last?: true;
}

const id = 'a'.repeat(64);
const unknown = 'b'.repeat(64);
const name = '/repositories/team/app';

/** Who may use which route of the first API. A route that is not named here fails the first test. */
const decisions: Readonly<Record<string, Decision>> = {
	'/_ping GET /_ping': {asks: 'nothing', path: ''},
	'v1 GET /_ping': {asks: 'nothing', path: '/_ping'},
	'v1 GET /search': {asks: 'search', path: '/search?q=app'},
	'v1 GET /users': {asks: 'an account', path: '/users'},
	'v1 GET /users/': {asks: 'an account', path: '/users/'},
	'v1 POST /users': {asks: 'an account', path: '/users'},
	'v1 POST /users/': {asks: 'an account', path: '/users/'},
	'v1 GET /images/:id/json': {asks: 'known id', path: `/images/${id}/json`},
	'v1 GET /images/:id/layer': {asks: 'known id', path: `/images/${id}/layer`},
	'v1 GET /images/:id/ancestry': {asks: 'known id', path: `/images/${id}/ancestry`},
	'v1 PUT /images/:id/json': {asks: 'new id', path: `/images/${unknown}/json`},
	'v1 PUT /images/:id/layer': {asks: 'new id', path: `/images/${unknown}/layer`},
	'v1 PUT /images/:id/checksum': {asks: 'new id', path: `/images/${unknown}/checksum`},
	'v1 GET /repositories/*image/tags': {asks: 'read', path: `${name}/tags`},
	'v1 GET /repositories/*image/tags/:tag': {asks: 'read', path: `${name}/tags/latest`},
	'v1 GET /repositories/*image/tags/:tag/json': {asks: 'read', path: `${name}/tags/latest/json`},
	'v1 PUT /repositories/*image/tags/:tag': {asks: 'write', path: `${name}/tags/other`},
	'v1 DELETE /repositories/*image/tags/:tag': {asks: 'delete', path: `${name}/tags/other`},
	'v1 GET /repositories/*image/images': {asks: 'read', path: `${name}/images`},
	'v1 PUT /repositories/*image/images': {asks: 'write', path: `${name}/images`},
	'v1 GET /repositories/*image/json': {asks: 'read', path: `${name}/json`},
	'v1 GET /repositories/*image/properties': {asks: 'read', path: `${name}/properties`},
	'v1 PUT /repositories/*image/properties': {asks: 'write', path: `${name}/properties`},
	'v1 PUT /repositories/*image/auth': {asks: 'write', path: `${name}/auth`},
	'v1 PUT /repositories/*image/': {asks: 'write', path: `${name}/`},
	'v1 PUT /repositories/*image': {asks: 'write', path: name},
	'v1 DELETE /repositories/*image/tags': {asks: 'delete', path: `${name}/tags`, last: true},
	'v1 DELETE /repositories/*image/images': {asks: 'delete', path: `${name}/images`, last: true},
	'v1 DELETE /repositories/*image/': {asks: 'delete', path: `${name}/`, last: true},
	'v1 DELETE /repositories/*image': {asks: 'delete', path: name, last: true},
};

const roots = ['/api/docker/docker-local/v1', '/artifactory/api/docker/docker-local/v1'];

/** Every kind of credentials that decides otherwise than another. */
const callers = accessCallers.filter(({who}) =>
	[
		'nobody',
		'nobody, where everybody may read',
		'a user without rights',
		'a token of another image',
		'a token to read',
		'a token to write but not to delete',
		'a token to delete',
		'an administrator',
		'a user to whom a permission target grants read',
		'a user to whom a permission target grants write',
		'a user with rights on other images and another repository',
		'a wrong password',
	].includes(who),
);

/** Local repositories that speak both, so that the same rights are asked for by both. */
const both: RepositoryType = {
	...(localType as RepositoryType),
	async create(options, context) {
		return Object.assign(await (localType as RepositoryType).create(options, context), {
			v1: new StoredV1Images(context),
		});
	},
};

async function makeWorld(t: ExecutionContext, kind: Partial<AccessCaller> = {}) {
	const world = await makeAccessWorld(t, {...kind, plugins: [v1], types: [both]});
	const push = async (path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
		const answer = await world.request('PUT', roots[0] + path, basic('root'), {body, headers});
		if (answer.status >= 300) {
			throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
		}
	};
	const json = Buffer.from(JSON.stringify({id, comment: 'nobody else shall see this'}));
	const layer = Buffer.from('a layer');
	const checksum = createHash('sha256').update(json).update('\n').update(layer).digest('hex');
	await push(name, Buffer.from(JSON.stringify([{id}])));
	await push(`/images/${id}/json`, json);
	await push(`/images/${id}/layer`, layer);
	await push(`/images/${id}/checksum`, Buffer.from(''), {'X-Docker-Checksum-Payload': `sha256:${checksum}`});
	await push(`${name}/tags/latest`, Buffer.from(JSON.stringify(id)));
	return {...world, routes: world.routes.filter(({table}) => ['v1', '/_ping'].includes(table))};
}

const nameOf = ({table, method, path}: Route) => `${table} ${method} ${path}`;
const isLast = (route: Route) => decisions[nameOf(route)]?.last === true;

test('every route of the first API has a decision in this table, and every decision a route', async t => {
	const {routes} = await makeWorld(t);
	t.deepEqual(routes.map(nameOf).toSorted(), Object.keys(decisions).toSorted());
	t.is(callers.length, 12);
});

for (const kind of callers) {
	test(`${kind.who}: each route of the first API answers as decided, by each way of addressing`, async t => {
		const world = await makeWorld(t, kind);
		const authorization = await kind.credentials(world);
		for (const route of world.routes.toSorted((one, other) => Number(isLast(one)) - Number(isLast(other)))) {
			const {path = '', asks = 'admin'} = decisions[nameOf(route)] ?? {};
			for (const url of route.table === 'v1' ? roots.map(root => root + path) : ['/_ping', '/artifactory/_ping']) {
				for (const method of route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]) {
					const response = await world.request(method, url, authorization);
					await checkAnswer(t, {kind, asks, response, title: `${method} ${url}`});
				}
			}
		}
	});
}

interface Answer {
	readonly kind: AccessCaller;
	readonly asks: Decision['asks'];
	readonly response: Response;
	readonly title: string;
}

async function checkAnswer(t: ExecutionContext, {kind, asks, response, title}: Answer): Promise<void> {
	const {may} = kind;
	const {status, headers} = response;
	const body = await response.text();
	const mayRead = may.includes('read');
	const refusals = may.length === 0 ? [401, 429] : [kind.otherwise];
	if (asks === 'search') {
		// Who signed in sees what he may, if that is anything; somebody else might see more.
		t.true((mayRead || may.includes('an account') ? [200] : refusals).includes(status), `${title}: ${status}`);
		if (status === 200 && body !== '') {
			const {results} = JSON.parse(body) as {results: {name: string}[]};
			t.deepEqual(
				results.map(result => result.name),
				mayRead ? ['team/app'] : [],
				title,
			);
		}
	} else if (asks === 'known id') {
		t.true((mayRead ? [200] : [...refusals, 404]).includes(status), `${title}: ${status}`);
		t.is(body.includes('nobody else shall see this'), mayRead && title.startsWith('GET') && title.endsWith('json'));
	} else if (asks === 'new id') {
		// Nothing of that id was announced.
		t.true([...(may.includes('write') ? [] : refusals), 400, 404, 409].includes(status), `${title}: ${status}`);
	} else if (may.includes(asks)) {
		t.true(status < 500 && ![401, 403, 429].includes(status), `${title}: ${status}`);
		t.true(asks !== 'read' || status === 200, `${title}: ${status}`);
	} else {
		t.true(refusals.includes(status), `${title}: ${status}`);
		t.false(body.includes('nobody else shall see this'), title);
	}
	t.is(headers.has('www-authenticate'), status === 401 || headers.has('x-docker-token'), title);
}

test('a token of the first API, and the cookie that stands for it, end after an hour, and with their user', async t => {
	const world = await makeWorld(t);
	const user = await world.grant('ann', 'read');
	const given = async () => {
		const {headers} = await world.request('GET', `${roots[0]}${name}/images`, basic('ann'));
		const cookie = headers.get('set-cookie')?.split(';', 1)[0] ?? '';
		return {token: `Token ${headers.get('x-docker-token')}`, cookie};
	};
	const statuses = async ({token, cookie}: {readonly token: string; readonly cookie: string}) => {
		const tags = `${roots[0]}${name}/tags`;
		const answers = [
			await world.request('GET', tags, token),
			await world.request('GET', tags, undefined, {headers: {cookie}}),
		];
		return answers.map(({status}) => status);
	};
	const first = await given();
	t.deepEqual(await statuses(first), [200, 200]);
	world.clock.now += 3_590_000;
	t.deepEqual(await statuses(first), [200, 200]);
	world.clock.now += 20_000;
	t.deepEqual(await statuses(first), [401, 401]);
	const second = await given();
	t.deepEqual(await statuses(second), [200, 200]);
	await world.metadata.users.update({...(await world.metadata.users.find('ann'))!, id: user.id, disabled: true});
	world.clock.now += 5000;
	t.deepEqual(await statuses(second), [401, 401]);
});
