import assert from 'node:assert/strict';
import {parseImageName} from '@stowage/core';
import {blobFixture} from '../image-fixture.ts';
import type {Topic} from './suite-case.ts';

const other = parseImageName('library/other');

/** Blobs given to an image without an upload. */
export const mounts: Topic = define => {
	define('a blob of another repository is mounted', async world => {
		const source = world.under.mountFrom;
		assert.ok(source.writer, 'the suite needs a repository with a writer to mount from');
		const blob = blobFixture(50_000);
		await world.pushBlob(blob, other, source.writer);
		const from = {repository: source, image: other};
		const mounted = await world.writer.mountBlob(world.image, blob.digest, from, world.as);
		assert.deepEqual([mounted?.digest, mounted?.size], [blob.digest, blob.bytes.length]);
		assert.deepEqual((await world.readBlob(blob.digest))?.bytes, blob.bytes);
	});

	define('a blob of another image of the repository is mounted, with and without its name', async world => {
		const [named, unnamed] = [blobFixture(), blobFixture()];
		await world.pushBlob(named, other);
		await world.pushBlob(unnamed, other);
		const from = {repository: world.repository, image: other};
		assert.ok(await world.writer.mountBlob(world.image, named.digest, from, world.as));
		assert.ok(await world.writer.mountBlob(world.image, unnamed.digest, undefined, world.as));
		assert.deepEqual((await world.readBlob(named.digest))?.bytes, named.bytes);
		assert.deepEqual((await world.readBlob(unnamed.digest))?.bytes, unnamed.bytes);
	});

	define('a blob that the caller may not read is not mounted, and not told of', async world => {
		const blob = blobFixture();
		await world.pushBlob(blob, other);
		const writer = world.callerWho('writer', (action, image) => action === 'write' || image !== other);
		const from = {repository: world.repository, image: other};
		for (const source of [from, undefined]) {
			assert.equal(await world.writer.mountBlob(world.image, blob.digest, source, writer), undefined);
			assert.equal(await world.writer.mountBlob(world.image, blobFixture().digest, source, writer), undefined);
		}
		assert.equal(await world.findBlob(blob.digest), undefined);
	});

	define('what the source does not have is not mounted, even if another image has it', async world => {
		const blob = blobFixture();
		await world.pushBlob(blob, other);
		const from = {repository: world.repository, image: parseImageName('library/third')};
		assert.equal(await world.writer.mountBlob(world.image, blob.digest, from, world.as), undefined);
		assert.equal(await world.findBlob(blob.digest), undefined);
	});
};
