import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {startStowage} from '@stowage/test-servers';
import {databases} from '@stowage/test-servers/databases';
import test from 'ava';

interface Entry {
	readonly action: string;
	readonly target: string;
	readonly status?: number;
}

const rounds = 2;
const most = 1000;
const users = '/api/security/users/';

for (const database of databases()) {
	test(`every change that was made has its entry in the audit log after kill -9 on ${database.name}`, async t => {
		const folder = await mkdtemp(join(tmpdir(), 'crash-'));
		t.teardown(() => rm(folder, {recursive: true, force: true}));
		const {options, cleanup} = await database.open();
		t.teardown(cleanup);
		const started = {folder, configuration: {database: options}};
		let registry = await startStowage(started);
		t.teardown(() => registry.process.stop());
		const ask = async (method: string, path: string, body?: object) =>
			fetch(registry.url + path, {
				method,
				headers: {
					authorization: `Basic ${Buffer.from(`admin:${registry.password}`).toString('base64')}`,
					'content-type': 'application/json',
				},
				body: body && JSON.stringify(body),
			});
		const acknowledged = new Set<string>();
		const add = async (name: string) => {
			const response = await ask('PUT', users + name, {internalPasswordDisabled: true, email: 'a@example.org'});
			t.is(response.status, 201, await response.text());
			acknowledged.add(name);
		};
		for (let round = 0; round < rounds; round += 1) {
			const names = Array.from({length: most}, (_, index) => `user-${round}-${index}`);
			const adding = (async () => {
				for (const name of names) {
					await add(name);
				}
			})();
			adding.catch(() => undefined);
			const before = acknowledged.size;
			for (const end = Date.now() + 60_000; acknowledged.size < before + 2 && Date.now() < end;) {
				await sleep(1);
			}
			await registry.process.kill();
			await t.throwsAsync(adding);
			registry = await startStowage({...started, port: registry.port});
		}
		const {entries} = (await (await ask('GET', '/api/audit?limit=1000')).json()) as {entries: Entry[]};
		const of = (name: string) =>
			entries.filter(({action, target}) => action === 'user.save' && target === users + name);
		const made = ((await (await ask('GET', users.slice(0, -1))).json()) as {name: string}[]).map(({name}) => name);
		t.deepEqual(
			made.filter(name => name.startsWith('user-') && of(name).length !== 1),
			[],
			'users without an entry',
		);
		t.deepEqual(
			[...acknowledged].filter(name => of(name)[0]?.status !== 201),
			[],
			'acknowledged without an outcome',
		);
		t.true(acknowledged.size >= 2 * rounds);
		const broken = entries.filter(({status}) => status === undefined).length;
		t.log(`${acknowledged.size} users acknowledged, ${broken} requests whose end is not known`);
	});
}
