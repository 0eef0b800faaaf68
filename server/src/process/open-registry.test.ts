import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import {changePassword} from '../auth/change-password.ts';
import {readConfiguration} from '../config/read-configuration.ts';
import {createLog} from './log.ts';
import {openRegistry, type OpenRegistryParts} from './open-registry.ts';

/** A registry with one plugin more, whose setup has this body; it notes in `closed` that it was closed. */
async function makeParts(t: ExecutionContext, setup = '') {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-open-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const closed = join(folder, 'closed');
	const plugin = `import {writeFile} from 'node:fs/promises';
export default {name: 'example', api: 1, async setup(host) {
	host.onClose(() => writeFile(${JSON.stringify(closed)}, 'yes'));
	${setup}
}};`;
	await writeFile(join(folder, 'plugin.mjs'), plugin);
	const yaml = "plugins: ['@stowage/filesystem', '@stowage/local', ./plugin.mjs]\nstopWithinSeconds: 1\n";
	await writeFile(join(folder, 'stowage.yaml'), yaml);
	const lines: string[] = [];
	const logger = createLog({level: 'info', readable: false, destination: {write: line => lines.push(line)}});
	const open = async (more: Partial<OpenRegistryParts> & {listen?: string; data?: string} = {}) => {
		const {listen = '127.0.0.1:0', data = join(folder, 'data')} = more;
		const read = await readConfiguration({file: 'stowage.yaml', listen, data, environment: {}, workingFolder: folder});
		return openRegistry({...read, logger, adminPassword: 'correct horse battery', ...more});
	};
	return {folder, lines, open, isClosed: async () => (await readFile(closed, 'utf8').catch(() => '')) === 'yes'};
}

test('a registry opens, serves and closes all that it opened', async t => {
	const {open, isClosed} = await makeParts(t);
	const registry = await open();
	t.is((await fetch(`http://127.0.0.1:${registry.port}/readyz`)).status, 200);
	t.is(registry.prepared?.repository, 'docker-local');
	await registry.stop();
	t.true(await isClosed());
	await t.notThrowsAsync(registry.stop());
});

test('what a first start makes is in the audit log, and a later start makes nothing', async t => {
	const {open, folder} = await makeParts(t);
	for (const _start of [1, 2]) {
		await (await open()).stop();
	}
	const metadata = await openMetadata({client: 'sqlite', file: join(folder, 'data', 'stowage.sqlite')});
	t.teardown(() => metadata.close());
	const {items} = await metadata.audit.list({limit: 10});
	t.deepEqual(
		items.map(({user, action, target, status}) => [user, action, target, status]),
		[
			['start', 'repository.add', 'docker-local', 201],
			['start', 'user.add', 'admin', 201],
		],
	);
});

test('what plugins add answers', async t => {
	const {open} = await makeParts(
		t,
		"host.routes('/hello', routes => routes.route('GET', '/', 'public', context => { context.body = 'hello'; }));",
	);
	const registry = await open();
	t.teardown(() => registry.stop());
	const response = await fetch(`http://127.0.0.1:${registry.port}/hello/`);
	t.is(await response.text(), 'hello');
});

test('a plugin that cannot be set up is named, and what was opened is closed', async t => {
	const {open, isClosed} = await makeParts(t, "throw new Error('no licence');");
	await t.throwsAsync(open(), {code: 'PLUGIN_FAILED', message: 'plugin "example" could not be set up: no licence'});
	t.true(await isClosed());
});

test('a plugin whose setup never ends is given up', async t => {
	const {open, isClosed} = await makeParts(t, 'await new Promise(resolve => setTimeout(resolve, 3000).unref());');
	await t.throwsAsync(open({pluginSetupMs: 50}), {message: 'plugin "example" did not end its setup() within 0.05 s'});
	t.true(await isClosed());
});

test('when the address is taken, what was opened is closed', async t => {
	const {open, isClosed} = await makeParts(t);
	const taken = createServer().listen(0, '127.0.0.1');
	t.teardown(() => taken.close());
	await once(taken, 'listening');
	const {port} = taken.address() as {port: number};
	await t.throwsAsync(open({listen: `127.0.0.1:${port}`}), {code: 'EADDRINUSE'});
	t.true(await isClosed());
});

test('a database that cannot be opened is named', async t => {
	const {folder, open} = await makeParts(t);
	const registry = await open();
	await registry.stop();
	await writeFile(join(folder, 'data/stowage.sqlite'), 'this is no database, whatever its name says. '.repeat(100));
	await t.throwsAsync(open(), {code: 'DATABASE_NOT_OPENED', message: /stowage\.sqlite cannot be opened: /});
});

test('once the administrator has another password, repositories of the configuration are not made any more', async t => {
	const {folder, open} = await makeParts(t);
	await (await open()).stop();
	const file = join(folder, 'data/stowage.sqlite');
	const metadata = await openMetadata({client: 'sqlite', file});
	await changePassword(metadata, 'admin', 'another horse battery');
	const [local] = await metadata.definitions.list();
	await metadata.definitions.delete(local?.id ?? 0);
	await metadata.close();
	const registry = await open();
	t.is(registry.prepared?.repository, undefined);
	t.is(registry.prepared?.admin.file, undefined);
	await registry.stop();
});
