import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {databases} from '@stowage/test-servers/databases';
import {RegistryClient, V1Client, v1Image} from '@stowage/test-spec';
import test, {type ExecutionContext} from 'ava';
import {FragileRegistry} from './fragile-registry.ts';

/** The base of a client's address may not change: the registry comes back on its port. */
function clientOf(t: ExecutionContext, {url, password}: FragileRegistry): V1Client {
	const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	const client = new RegistryClient(url, {authorization});
	t.teardown(() => client.close());
	return new V1Client(client, '/api/docker/old/v1');
}

/** Comes in part, and then not any more. */
async function* broken(bytes: Buffer, sent: () => void): AsyncGenerator<Buffer> {
	yield bytes;
	sent();
	await new Promise<never>(() => undefined);
}

// What survives on one database does on the other: other tests kill the registry on both.
for (const database of databases().slice(0, 1)) {
	test(`a push of the first API goes on after kill -9, wherever it was, on ${database.name}`, async t => {
		const folder = await mkdtemp(join(tmpdir(), 'crash-'));
		t.teardown(() => rm(folder, {recursive: true, force: true}));
		const {options, cleanup} = await database.open();
		t.teardown(cleanup);
		const repositories = {old: {type: 'local', options: {dockerApiVersion: 'V1'}}};
		const registry = await FragileRegistry.start({
			folder,
			configuration: {database: options, bootstrap: {repositories}},
		});
		t.teardown(() => registry.stop());
		const v1 = clientOf(t, registry);
		const base = v1Image({layer: Buffer.alloc(300_000, 'base')});
		const top = v1Image({parent: base.id});
		t.is((await v1.startPush('team/app', [base, top])).status, 200);
		t.is((await v1.putImageJson(base)).status, 200);
		const half = Promise.withResolvers<void>();
		const body = broken(base.layer.subarray(0, 100_000), half.resolve);
		const breaking = v1.request('PUT', `/images/${base.id}/layer`, {body});
		breaking.catch(() => undefined);
		await half.promise;
		await registry.crash();
		await t.throwsAsync(breaking);
		t.is((await v1.request('GET', `/images/${base.id}/json`)).status, 404);
		t.is((await v1.putChecksum(base)).status, 404);
		t.is((await v1.putLayer(base)).status, 200);
		await registry.crash();
		t.is((await v1.putChecksum(base)).status, 200);
		t.is((await v1.putImageJson(top)).status, 200);
		t.is((await v1.putLayer(top)).status, 200);
		t.is((await v1.putChecksum(top)).status, 200);
		t.is((await v1.putTag('team/app', 'latest', top.id)).status, 200);
		await registry.crash();
		t.deepEqual(
			await v1.pull('team/app'),
			[base, top].map(({id, json, layer}) => ({id, json, layer})),
		);
	});
}
