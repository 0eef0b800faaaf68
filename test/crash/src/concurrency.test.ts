import {randomBytes} from 'node:crypto';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {startStowage} from '@stowage/test-servers';
import {databases, type TestDatabase} from '@stowage/test-servers/databases';
import test, {type ExecutionContext} from 'ava';
import {Connection} from './connection.ts';
import {countRows} from './count-rows.ts';
import {manyPlatforms, pushAll, pushBlob} from './many-platforms.ts';
import {digestOf} from './random-image.ts';
import {readStoredFiles} from './stored-files.ts';

const image = 'docker-local/team/many';

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const folder = await mkdtemp(join(tmpdir(), 'concurrency-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const {options, cleanup} = await database.open();
	t.teardown(cleanup);
	const {url, password, process} = await startStowage({
		folder,
		configuration: {database: options, log: {level: 'warn'}},
	});
	t.teardown(() => process.stop());
	const connection = new Connection(url, password);
	t.teardown(() => connection.close());
	return {folder, database: options, connection};
}

for (const database of databases()) {
	test(`8 pushes of one image for six platforms to one tag at once store it once on ${database.name}`, async t => {
		const {folder, connection, database: options} = await openWorld(t, database);
		const content = manyPlatforms(6);
		const pushes = await Promise.all(Array.from({length: 8}, () => pushAll(connection, image, 'latest', content)));
		t.deepEqual(new Set(pushes.flat()), new Set([202, 201]));
		const tag = await connection.call('GET', `/v2/${image}/manifests/latest`);
		t.is(digestOf(tag.body), digestOf(content.index));
		for (const manifest of content.manifests) {
			t.is((await connection.call('GET', `/v2/${image}/manifests/${digestOf(manifest)}`)).status, 200);
		}
		t.deepEqual(await countRows(options), {
			blobs: content.blobs.length,
			image_blobs: content.blobs.length,
			images: 1,
			manifests: 7,
			tags: 1,
			uploads: 0,
		});
		const stored = await readStoredFiles(folder);
		t.deepEqual(stored.blobs.toSorted(), content.blobs.map(digestOf).toSorted());
		t.deepEqual([stored.wrong, stored.others], [[], []]);
	});

	test(`50 uploads of one blob at once store it once on ${database.name}`, async t => {
		const {folder, connection, database: options} = await openWorld(t, database);
		const blob = randomBytes(1_000_000);
		const uploads = await Promise.all(Array.from({length: 50}, () => pushBlob(connection, image, blob)));
		t.deepEqual(new Set(uploads.flat()), new Set([202, 201]));
		const read = await connection.call('GET', `/v2/${image}/blobs/${digestOf(blob)}`);
		t.true(read.body.equals(blob));
		t.deepEqual(await countRows(options), {blobs: 1, image_blobs: 1, images: 1, manifests: 0, tags: 0, uploads: 0});
		t.deepEqual(await readStoredFiles(folder), {blobs: [digestOf(blob)], wrong: [], others: []});
	});
}
