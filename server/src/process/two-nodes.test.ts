import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import test, {type ExecutionContext} from 'ava';
import {basicAuthorization} from '../auth/authorization-header.ts';
import {readConfiguration} from '../config/read-configuration.ts';
import {createLog} from './log.ts';
import {openRegistry} from './open-registry.ts';

const adminPassword = 'correct horse battery';
const admin = basicAuthorization('admin', adminPassword);

interface Asked {
	readonly as?: string;
	readonly json?: unknown;
}

interface Node {
	ask(method: string, path: string, asked?: Asked): Promise<{readonly status: number; readonly json: unknown}>;
}

/** Two servers that know of each other only what is in their database. */
async function openNodes(t: ExecutionContext, database: TestDatabase): Promise<readonly [Node, Node]> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-nodes-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const {options, cleanup} = await database.open();
	t.teardown(cleanup);
	await writeFile(join(folder, 'stowage.yaml'), JSON.stringify({database: options, stopWithinSeconds: 1}));
	const open = async (name: string): Promise<Node> => {
		const data = join(folder, name);
		const wanted = {file: 'stowage.yaml', listen: '127.0.0.1:0', data, environment: {}, workingFolder: folder};
		const logger = createLog({level: 'error', destination: {write: line => t.log(line)}});
		const registry = await openRegistry({...(await readConfiguration(wanted)), logger, adminPassword});
		t.teardown(() => registry.stop());
		return {ask: async (method, path, asked) => ask(`http://127.0.0.1:${registry.port}${path}`, method, asked)};
	};
	return [await open('one'), await open('two')];
}

async function ask(url: string, method: string, {as = admin, json}: Asked = {}) {
	const headers = {authorization: as, ...(json !== undefined && {'content-type': 'application/json'})};
	const response = await fetch(url, {method, headers, body: json === undefined ? undefined : JSON.stringify(json)});
	const text = await response.text();
	return {status: response.status, json: text.startsWith('{') ? (JSON.parse(text) as unknown) : text};
}

/**
 * Asks all the while, as a client does whose credentials are remembered, and gives the milliseconds after which the last
 * request began that was not answered so: on a busy machine answers take their time.
 */
async function timeUntil(status: number, work: () => Promise<{readonly status: number}>): Promise<number> {
	const started = performance.now();
	let [begun, last] = [started, started];
	while ((await work()).status !== status) {
		last = begun;
		if (begun - started > 60_000) {
			return Infinity;
		}
		await setTimeout(50);
		begun = performance.now();
	}
	return last - started;
}

for (const database of databases()) {
	test(`${database.name}: what is taken away on one node is refused by another within five seconds`, async t => {
		const [one, two] = await openNodes(t, database);
		const list = '/v2/docker-local/team/app/tags/list';
		await one.ask('PUT', '/api/security/users/ann', {json: {password: adminPassword}});
		await one.ask('PUT', '/api/security/groups/team', {json: {userNames: ['ann']}});
		const target = {repositories: ['docker-local'], principals: {groups: {team: ['r']}}};
		await one.ask('PUT', '/api/security/permissions/target', {json: target});
		const ann = basicAuthorization('ann', adminPassword);
		const make = async () => {
			const {json} = await one.ask('POST', '/access/api/v1/tokens', {as: ann, json: {}});
			return json as {access_token: string; token_id: string};
		};
		const [token, other] = [await make(), await make()];
		t.true((await timeUntil(404, () => two.ask('GET', list, {as: ann}))) < 5000);
		const session = (await two.ask('GET', '/v2/token?scope=repository:docker-local/team/app:pull', {
			as: basicAuthorization('ann', token.access_token),
		})) as {json: {token: string}};
		const bearers = [token.access_token, session.json.token, other.access_token].map(text => `Bearer ${text}`);
		const [revoked = '', heir = '', kept = ''] = bearers;
		for (const as of bearers) {
			t.is((await two.ask('GET', list, {as})).status, 404);
		}

		t.is((await one.ask('DELETE', `/access/api/v1/tokens/${token.token_id}`)).status, 200);
		const ends = await Promise.all([revoked, heir].map(as => timeUntil(401, () => two.ask('GET', list, {as}))));
		t.is((await two.ask('GET', list, {as: kept})).status, 404);

		t.is((await one.ask('POST', '/api/security/groups/team', {json: {userNames: []}})).status, 200);
		const left = await Promise.all([ann, kept].map(as => timeUntil(403, () => two.ask('GET', list, {as}))));
		t.is((await one.ask('POST', '/api/security/groups/team', {json: {userNames: ['ann']}})).status, 200);
		t.true((await timeUntil(404, () => two.ask('GET', list, {as: kept}))) < 5000);

		t.is((await one.ask('DELETE', '/api/security/groups/team')).status, 200);
		const removed = await timeUntil(403, () => two.ask('GET', list, {as: kept}));
		t.is((await one.ask('POST', '/api/security/users/ann', {json: {status: 'DISABLED'}})).status, 200);
		const disabled = await Promise.all([ann, kept].map(as => timeUntil(401, () => two.ask('GET', list, {as}))));

		const all = [...ends, ...left, removed, ...disabled].map(took => Math.round(took));
		t.log(`after ${all.join(', ')} ms`);
		t.true(Math.max(...all) < 5000, all.join(', '));
	});
}
