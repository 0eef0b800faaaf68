import {digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {type AccessCaller, type Asks, accessCallers} from './fixtures/access-callers.ts';
import {config, makeAccessWorld, manifest, missing} from './fixtures/access-world.ts';
import {itemDecisions} from './fixtures/item-decisions.ts';
import {securityDecisions} from './fixtures/security-decisions.ts';
import type {Route} from './route.ts';

const upload = '/blobs/uploads/00000000-0000-4000-8000-000000000000';

interface Decision {
	readonly asks: Asks;
	/** What to call; below the image where an action is asked. Changes nothing that is there, whoever may call it. */
	readonly path: string;
}

/**
 * Who may use which route. A route that is not named here fails the first test: decide what it asks, and write it down.
 */
const decisions: Readonly<Record<string, Decision>> = {
	'v2 GET /*image/manifests/:reference': {asks: 'read', path: '/manifests/latest'},
	'v2 PUT /*image/manifests/:reference': {asks: 'write', path: `/manifests/${missing}`},
	'v2 DELETE /*image/manifests/:reference': {asks: 'delete', path: `/manifests/${missing}`},
	'v2 POST /*image/blobs/uploads/': {asks: 'write', path: '/blobs/uploads/'},
	'v2 POST /*image/blobs/uploads': {asks: 'write', path: '/blobs/uploads'},
	'v2 GET /*image/blobs/uploads/:upload': {asks: 'write', path: upload},
	'v2 PATCH /*image/blobs/uploads/:upload': {asks: 'write', path: upload},
	'v2 PUT /*image/blobs/uploads/:upload': {asks: 'write', path: `${upload}?digest=${missing}`},
	'v2 DELETE /*image/blobs/uploads/:upload': {asks: 'write', path: upload},
	'v2 GET /*image/blobs/:digest': {asks: 'read', path: `/blobs/${digestOf(config)}`},
	'v2 DELETE /*image/blobs/:digest': {asks: 'delete', path: `/blobs/${missing}`},
	'v2 GET /*image/tags/list': {asks: 'read', path: '/tags/list'},
	'v2 GET /*image/referrers/:digest': {asks: 'read', path: `/referrers/${digestOf(manifest)}`},
	'v2 GET /_catalog': {asks: 'catalog', path: '/_catalog'},
	'v2 GET /token': {asks: 'a way in', path: '/token'},
	'v2 POST /token': {asks: 'nothing', path: '/token'},
	'v2 GET /': {asks: 'credentials', path: '/'},
	'server GET /healthz': {asks: 'nothing', path: '/healthz'},
	'server GET /readyz': {asks: 'nothing', path: '/readyz'},
	'server GET /metrics': {asks: 'admin', path: '/metrics'},
	'/api GET /api/repositories': {asks: 'repositories', path: '/api/repositories'},
	'/api GET /api/repositories/configurations': {asks: 'admin', path: '/api/repositories/configurations'},
	'/api GET /api/repositories/:key': {asks: 'repository', path: '/api/repositories/docker-local'},
	'/api GET /api/v2/repositories/:key': {asks: 'repository', path: '/api/v2/repositories/docker-local'},
	'/api PUT /api/repositories/:key': {asks: 'admin', path: '/api/repositories/docker-local'},
	'/api POST /api/repositories/:key': {asks: 'admin', path: '/api/repositories/docker-local'},
	'/api DELETE /api/repositories/:key': {asks: 'admin', path: '/api/repositories/not-there'},
	'/api PUT /api/v2/repositories/batch': {asks: 'admin', path: '/api/v2/repositories/batch'},
	'/api POST /api/v2/repositories/batch': {asks: 'admin', path: '/api/v2/repositories/batch'},
	'/api POST /api/docker/:repository/v2/promote': {asks: 'repository', path: '/api/docker/docker-local/v2/promote'},
	'/api POST /api/docker/:repository/v1/migrate': {asks: 'repository', path: '/api/docker/docker-local/v1/migrate'},
	'/api GET /api/docker/:repository/v2/*image/manifests/:digest/parents': {
		asks: 'read',
		path: `/api/docker/docker-local/v2/team/app/manifests/${missing}/parents`,
	},
	'/api GET /api/system/version': {asks: 'an account', path: '/api/system/version'},
	'/api GET /api/system/status': {asks: 'an account', path: '/api/system/status'},
	'/api GET /api/system/license': {asks: 'admin', path: '/api/system/license'},
	'/api GET /api/system/service_id': {asks: 'an account', path: '/api/system/service_id'},
	'/api POST /api/system/usage': {asks: 'nothing', path: '/api/system/usage'},
	'/api GET /api/system/configuration': {asks: 'admin', path: '/api/system/configuration'},
	'/api POST /api/system/configuration': {asks: 'admin', path: '/api/system/configuration'},
	'/api GET /api/system/retention': {asks: 'admin', path: '/api/system/retention'},
	'/api PUT /api/system/retention': {asks: 'admin', path: '/api/system/retention'},
	'/api POST /api/system/retention/run': {asks: 'admin', path: '/api/system/retention/run?dryRun=true'},
	'/api GET /api/system/storage/gc': {asks: 'admin', path: '/api/system/storage/gc'},
	'/api POST /api/system/storage/gc': {asks: 'admin', path: '/api/system/storage/gc?dryRun=true'},
	'/api GET /api/storageinfo': {asks: 'admin', path: '/api/storageinfo'},
	'/api POST /api/storageinfo/calculate': {asks: 'admin', path: '/api/storageinfo/calculate'},
	'/api GET /api/system/ping': {asks: 'nothing', path: '/api/system/ping'},
	...securityDecisions,
	...itemDecisions,
	'/api GET /api/openapi.json': {asks: 'nothing', path: '/api/openapi.json'},
	'/access PUT /access/api/v1/projects/_/attach/repositories/:key/:project': {
		asks: 'admin',
		path: '/access/api/v1/projects/_/attach/repositories/not-there/team',
	},
	'/access DELETE /access/api/v1/projects/_/attach/repositories/:key': {
		asks: 'admin',
		path: '/access/api/v1/projects/_/attach/repositories/not-there',
	},
	'/access GET /access/api/v1/system/ping': {asks: 'nothing', path: '/access/api/v1/system/ping'},
};

/** By which the same repository is reached. `bound`: names in scopes and lists are without its key. */
const ways = [
	{root: '/v2', images: '/v2/docker-local/team/app', bound: false},
	{root: '/api/docker/docker-local/v2', images: '/api/docker/docker-local/v2/team/app', bound: true},
	{
		root: '/artifactory/api/docker/docker-local/v2',
		images: '/artifactory/api/docker/docker-local/v2/team/app',
		bound: true,
	},
] as const;

test('every route has a decision in this table, and every decision a route', async t => {
	const {routes} = await makeAccessWorld(t);
	t.deepEqual(routes.map(nameOf).toSorted(), Object.keys(decisions).toSorted());
});

for (const kind of accessCallers) {
	// One after another: the end of each shows that all of them go on.
	test.serial(`${kind.who}: each route answers as decided, by each way of addressing`, async t => {
		const world = await makeAccessWorld(t, kind);
		const authorization = await kind.credentials(world);
		for (const route of world.routes) {
			for (const path of pathsOf(route)) {
				for (const method of route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]) {
					const response = await world.request(method, path.url, authorization);
					await checkAnswer(t, {kind, route, response, path, title: `${method} ${path.url}`});
				}
			}
		}
	});
}

interface RoutePath {
	readonly url: string;
	readonly bound: boolean;
}

function nameOf({table, method, path}: Route): string {
	return `${table} ${method} ${path}`;
}

function pathsOf(route: Route): readonly RoutePath[] {
	const decision = decisions[nameOf(route)];
	if (decision === undefined || route.table !== 'v2') {
		return decision === undefined ? [] : [{url: decision.path, bound: false}];
	}
	const ofImage = route.path.startsWith('/*image/');
	return ways.map(({root, images, bound}) => ({url: (ofImage ? images : root) + decision.path, bound}));
}

interface Answer {
	readonly kind: AccessCaller;
	readonly route: Route;
	readonly path: RoutePath;
	readonly response: Response;
	readonly title: string;
}

async function checkAnswer(t: ExecutionContext, {kind, route, path, response, title}: Answer): Promise<void> {
	const asks = decisions[nameOf(route)]?.asks ?? 'admin';
	const body = await response.text();
	if (asks === 'catalog') {
		const expected = kind.catalog[path.bound ? 1 : 0];
		const statuses = expected === 'refused' ? refusals(kind, asks) : [200];
		t.true(statuses.includes(response.status), `${title}: ${response.status}`);
		if (expected !== 'refused' && body !== '') {
			t.deepEqual(JSON.parse(body), {repositories: expected}, title);
		}
	} else if (asks === 'repositories' || asks === 'repository') {
		// Who may list images may see of which repositories.
		const refused = kind.catalog[asks === 'repositories' ? 0 : 1] === 'refused';
		// Without a body there is nothing to promote.
		const answers = route.method === 'POST' ? [400] : [200];
		t.true((refused ? refusals(kind, asks) : answers).includes(response.status), `${title}: ${response.status}`);
		if (asks === 'repositories' && !refused && body !== '') {
			const keys = (JSON.parse(body) as {key: string}[]).map(({key}) => key);
			const named = kind.catalog[0] as readonly string[];
			t.true(
				named.every(name => keys.includes(name.slice(0, name.indexOf('/')))),
				title,
			);
			t.true(kind.may.includes('nothing') && keys.every(key => ['docker-dev', 'docker-local'].includes(key)), title);
		}
	} else if (kind.may.includes(asks)) {
		t.true(response.status < 500 && ![401, 403, 429].includes(response.status), `${title}: ${response.status}`);
		t.true(asks !== 'read' || response.status === 200, `${title}: ${response.status}`);
	} else {
		t.true(refusals(kind, asks).includes(response.status), `${title}: ${response.status}`);
		t.false(body.includes('nobody else shall see this'), title);
	}
	t.is(response.headers.has('www-authenticate'), response.status === 401, title);
}

function refusals(kind: AccessCaller, asks: Asks): readonly number[] {
	if (kind.may.length === 0) {
		// Wrong credentials are slowed down.
		return [401, 429];
	}
	// Another token would not make an administrator of who has this one, nor the user himself.
	return (asks === 'admin' || asks === 'self') && kind.may.includes('an account') ? [403] : [kind.otherwise];
}
