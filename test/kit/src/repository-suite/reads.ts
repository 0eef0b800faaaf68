import assert from 'node:assert/strict';
import {parseImageName, parseTagName} from '@stowage/core';
import {blobFixture, imageFixture, indexFixture} from '../image-fixture.ts';
import type {Topic} from './suite-case.ts';

/** What was pushed is read as it was, and what was not is not there. */
export const reads: Topic = define => {
	define('a manifest is read by tag and by digest exactly as it was pushed', async world => {
		const image = imageFixture();
		await world.pushImage(image, ['v1']);
		for (const found of [await world.findByTag('v1'), await world.findByDigest(image.manifest.digest)]) {
			assert.deepEqual(found?.manifest.bytes, image.manifest.bytes);
			assert.equal(found?.manifest.mediaType, image.manifest.mediaType);
			assert.equal(found?.manifest.digest, image.manifest.digest);
		}
		assert.ok((await world.findByTag('v1'))?.taggedAt instanceof Date);
	});

	define('a blob is found and read as it was pushed', async world => {
		const blob = blobFixture(100_000);
		await world.pushBlob(blob);
		assert.equal((await world.findBlob(blob.digest))?.size, 100_000);
		assert.deepEqual(await world.readBlob(blob.digest), {size: 100_000, bytes: blob.bytes});
	});

	define('an empty blob is a blob', async world => {
		const blob = blobFixture(0);
		await world.pushBlob(blob);
		assert.equal((await world.findBlob(blob.digest))?.size, 0);
		assert.deepEqual((await world.readBlob(blob.digest))?.bytes, Buffer.alloc(0));
	});

	for (const [start, end] of [
		[0, 1],
		[10, 2_000],
		[2_999, 3_000],
		[0, 3_000],
	] as const) {
		define(`bytes ${start} to ${end} of a blob are those`, async world => {
			const blob = blobFixture(3_000);
			await world.pushBlob(blob);
			const read = await world.readBlob(blob.digest, {start, end});
			assert.deepEqual(read, {size: end - start, bytes: blob.bytes.subarray(start, end)});
		});
	}

	define('an error of whoever chooses the range is given on, and no stream stays open', async world => {
		const blob = blobFixture();
		await world.pushBlob(blob);
		await assert.rejects(
			world.repository.openBlob(world.image, blob.digest, {...world.as, range: refuseRange}),
			RangeError,
		);
	});

	define('what is not there is undefined', async world => {
		const {manifest} = imageFixture();
		assert.equal(await world.findByDigest(manifest.digest), undefined);
		assert.equal(await world.findByTag('v1'), undefined);
		assert.equal(await world.findBlob(manifest.digest), undefined);
		assert.equal(await world.readBlob(manifest.digest), undefined);
		assert.equal(await world.repository.listTags(world.image, {limit: 10}, world.as), undefined);
	});

	define('one image does not have what another has', async world => {
		const image = imageFixture();
		await world.pushImage(image, ['v1']);
		const other = parseImageName('library/other');
		assert.equal(await world.findByDigest(image.manifest.digest, other), undefined);
		assert.equal(await world.findByTag('v1', other), undefined);
		assert.equal(await world.findBlob(image.config.digest, other), undefined);
		assert.equal(await world.readBlob(image.config.digest, {image: other}), undefined);
	});

	define('tags that differ in case only are two tags', async world => {
		const [lower, upper] = [imageFixture(), imageFixture()];
		await world.pushImage(lower, ['v1']);
		await world.pushImage(upper, ['V1']);
		assert.equal((await world.findByTag('v1'))?.manifest.digest, lower.manifest.digest);
		assert.equal((await world.findByTag('V1'))?.manifest.digest, upper.manifest.digest);
	});

	define('sha512 digests name manifests and blobs as sha256 ones do', async world => {
		const image = imageFixture({algorithm: 'sha512'});
		await world.pushImage(image, ['v1']);
		assert.equal((await world.findByTag('v1'))?.manifest.digest, image.manifest.digest);
		assert.deepEqual((await world.findByDigest(image.manifest.digest))?.manifest.bytes, image.manifest.bytes);
		assert.deepEqual((await world.readBlob(image.config.digest))?.bytes, image.config.bytes);
	});

	define('an index is read with all that it names', async world => {
		const images = [imageFixture(), imageFixture()];
		for (const image of images) {
			await world.pushImage(image);
		}
		const index = indexFixture(images.map(({manifest}) => manifest.descriptor));
		await world.putManifest(index, ['multi']);
		assert.deepEqual((await world.findByTag('multi'))?.manifest.bytes, index.bytes);
		for (const {manifest} of images) {
			assert.ok(await world.findByDigest(manifest.digest));
		}
	});

	define('what one process has pushed another sees', async world => {
		const image = imageFixture();
		await world.pushImage(image, ['v1']);
		const other = await world.under.another();
		const found = await other.findManifest(world.image, {tag: parseTagName('v1')}, world.as);
		assert.deepEqual(found?.manifest.bytes, image.manifest.bytes);
		assert.ok(await other.findBlob(world.image, image.config.digest, world.as));
	});
};

function refuseRange(): never {
	throw new RangeError('not this part');
}
