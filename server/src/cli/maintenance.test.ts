import {createHash, randomBytes} from 'node:crypto';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {setTimeout as sleep} from 'node:timers/promises';
import {openMetadata} from '@stowage/core/metadata';
import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

const password = 'long-enough-password';

test.serial('blobs that no image needs are counted and deleted beside a running server, by one at a time', async t => {
	const {folder, run} = await makeStowageFolder(t);
	await writeFile(join(folder, 'stowage.yaml'), 'gracePeriodSeconds: 60\n');
	const server = run(['serve', '--config', 'stowage.yaml', '--listen', '127.0.0.1:0'], {
		STOWAGE_ADMIN_PASSWORD: password,
	});
	const url = await server.listening();
	const bytes = randomBytes(1000);
	const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
	const pushed = await fetch(`${url}/v2/docker-local/app/blobs/uploads/?digest=${digest}`, {
		method: 'POST',
		headers: {authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`},
		body: new Uint8Array(bytes),
	});
	t.is(pushed.status, 201);
	const metadata = await openMetadata({client: 'sqlite', file: join(folder, 'data', 'stowage.sqlite')});
	t.teardown(() => metadata.close());
	const busy = {name: 'collect-unheld-blobs', owner: 'a server', leaseMs: 600_000, intervalMs: 0};
	// The server may just be collecting itself.
	while (!(await metadata.jobs.claim(busy))) {
		await sleep(20);
	}
	const collect = (...words: string[]) => run(['collect', ...words, '--config', 'stowage.yaml']);
	const young = collect('--dry-run');
	t.is(await young.exit, 0, young.printed.stderr);
	t.is(young.printed.stdout, '0 blobs (0 bytes) of "default" would be deleted\n');
	const rows = new DatabaseSync(join(folder, 'data', 'stowage.sqlite'), {timeout: 10_000});
	t.teardown(async () => rows.close());
	rows.exec('update image_blobs set held_at = 1');
	const old = collect('--dry-run');
	t.is(await old.exit, 0, old.printed.stderr);
	t.is(old.printed.stdout, '1 blobs (1000 bytes) of "default" would be deleted\n');
	const refused = collect();
	t.is(await refused.exit, 1);
	t.regex(refused.printed.stderr, /is running already/);
	await metadata.jobs.finish(busy.name, busy.owner);
	const done = collect('--rate', '100');
	t.is(await done.exit, 0, done.printed.stderr);
	t.is(done.printed.stdout, '1 blobs (1000 bytes) deleted\n');
	t.like(await metadata.jobs.find(busy.name), {running: false, error: undefined});
	t.is(rows.prepare('select count(*) as count from blobs').get()?.['count'], 0);
});
