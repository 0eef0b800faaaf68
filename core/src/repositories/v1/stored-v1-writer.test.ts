import {Readable} from 'node:stream';
import {setTimeout as wait} from 'node:timers/promises';
import {createTestHost} from '@stowage/testing';
import test from 'ava';
import {parseImageName} from '../../oci/image-name.ts';
import {parseV1ImageId} from '../../oci/v1-image-id.ts';

const id = parseV1ImageId('a'.repeat(64));

test('a client that leaves in the middle of a layer ends its push, and nothing else', async t => {
	const host = await createTestHost({repositories: {old: {options: {dockerApiVersion: 'V1'}}}});
	t.teardown(() => host.close());
	const writer = host.repository.v1!.writer;
	const {caller, metadata} = host;
	await writer.announce(parseImageName('team/app'), [id], {caller});
	await writer.putJson(id, {json: Buffer.from(JSON.stringify({id}))}, {caller});
	for (const bytes of [0, 1, 100_000]) {
		const left = new AbortController();
		const body = new Readable({read: () => undefined});
		body.on('error', () => undefined);
		body.push(Buffer.alloc(bytes, 1));
		const pushing = writer.putLayer(id, body, {caller, signal: left.signal});
		while ((await metadata.uploads.countStartedBy(caller.name)) === 0) {
			await wait(1);
		}
		left.abort(new Error('left'));
		await wait(1);
		body.destroy(new Error('aborted'));
		await t.throwsAsync(pushing);
		t.is(await metadata.uploads.countStartedBy(caller.name), 0);
	}
	await wait(10);
});
