import assert from 'node:assert/strict';
import {parseTagName} from '@stowage/core';
import {blobFixture, contentOf, imageFixture, indexFixture, mediaTypes} from '../image-fixture.ts';
import {refuses} from './repository-world.ts';
import type {Topic} from './suite-case.ts';

/** Pushing and deleting manifests, and what is refused. */
export const manifests: Topic = define => {
	define('a manifest is pushed with many tags at once', async world => {
		const image = imageFixture();
		const tags = Array.from({length: 12}, (_, index) => `v${index}`);
		await world.pushImage(image, tags);
		for (const tag of tags) {
			assert.equal((await world.findByTag(tag))?.manifest.digest, image.manifest.digest);
		}
	});

	define('a manifest that is pushed again stays, and its tags are added', async world => {
		const image = imageFixture();
		await world.pushImage(image, ['a']);
		await world.putManifest(image.manifest, ['b']);
		assert.ok(await world.findByTag('a'));
		assert.ok(await world.findByTag('b'));
	});

	define('a manifest whose digest is another is refused', async world => {
		const image = imageFixture();
		await world.pushImage(image);
		const {bytes, mediaType} = imageFixture().manifest;
		const wrong = {bytes, mediaType, digest: image.manifest.digest, tags: []};
		await refuses('DIGEST_INVALID', world.writer.putManifest(world.image, wrong, world.as));
	});

	for (const [what, bytes, mediaType] of [
		['is no JSON', '{"schemaVersion": 2', mediaTypes.manifest],
		['is no object', '[]', mediaTypes.manifest],
		['is of another type than it says', `{"schemaVersion":2,"mediaType":"${mediaTypes.index}"}`, mediaTypes.manifest],
		['is both an image and an index', '{"schemaVersion":2,"layers":[],"manifests":[]}', mediaTypes.index],
		['has a wrong digest', '{"schemaVersion":2,"manifests":[{"digest":"sha256:0","size":1}]}', mediaTypes.index],
	] as const) {
		define(`a manifest that ${what} is refused`, async world => {
			const content = contentOf(Buffer.from(bytes), mediaType);
			await refuses('MANIFEST_INVALID', world.putManifest(content, ['bad']));
			assert.equal(await world.findByTag('bad'), undefined);
		});
	}

	define('a manifest is refused while a blob that it names is missing', async world => {
		const image = imageFixture();
		const [missing, ...rest] = image.blobs;
		for (const blob of rest) {
			await world.pushBlob(blob);
		}
		await refuses('MANIFEST_BLOB_UNKNOWN', world.putManifest(image.manifest, ['v1']));
		assert.equal(await world.findByTag('v1'), undefined);
		assert.ok(missing);
		await world.pushBlob(missing);
		await world.putManifest(image.manifest, ['v1']);
		assert.ok(await world.findByTag('v1'));
	});

	define('an index is refused while a manifest that it names is missing', async world => {
		const image = imageFixture();
		const index = indexFixture([image.manifest.descriptor]);
		await refuses('MANIFEST_BLOB_UNKNOWN', world.putManifest(index));
		await world.pushImage(image);
		await world.putManifest(index, ['multi']);
		assert.ok(await world.findByTag('multi'));
	});

	define('an index may name blobs, as caches of BuildKit did', async world => {
		const blob = blobFixture();
		await world.pushBlob(blob);
		const index = indexFixture([blob.descriptor]);
		await world.putManifest(index, ['cache']);
		assert.deepEqual((await world.findByTag('cache'))?.manifest.bytes, index.bytes);
	});

	define('a manifest is kept as its bytes are, whatever else they say', async world => {
		const image = imageFixture({members: {'org.example.extra': {nested: [1, 2, {three: null}]}}});
		const spaced = contentOf(Buffer.from(`\n  ${image.manifest.bytes.toString()}  \n`), mediaTypes.manifest);
		for (const blob of image.blobs) {
			await world.pushBlob(blob);
		}
		await world.putManifest(spaced, ['v1']);
		assert.deepEqual((await world.findByTag('v1'))?.manifest.bytes, spaced.bytes);
	});

	define('a tag is moved by who may delete, and by nobody else', async world => {
		const [first, second] = [imageFixture(), imageFixture()];
		await world.pushImage(first, ['latest']);
		await world.pushImage(second);
		const {bytes, mediaType} = second.manifest;
		const pushed = {bytes, mediaType, tags: [parseTagName('latest'), parseTagName('new')]};
		const deployer = world.callerWho('deployer', action => action !== 'delete');
		await refuses('DENIED', world.writer.putManifest(world.image, pushed, deployer));
		assert.equal((await world.findByTag('latest'))?.manifest.digest, first.manifest.digest);
		assert.equal(await world.findByTag('new'), undefined);
		await world.writer.putManifest(world.image, pushed, world.as);
		assert.equal((await world.findByTag('latest'))?.manifest.digest, second.manifest.digest);
		await world.writer.putManifest(world.image, pushed, deployer);
	});

	define('a tag that is deleted is gone, and its manifest is not', async world => {
		const image = imageFixture();
		await world.pushImage(image, ['a', 'b']);
		assert.equal(await world.writer.deleteTag(world.image, parseTagName('a'), world.as), true);
		assert.equal(await world.writer.deleteTag(world.image, parseTagName('a'), world.as), false);
		assert.equal(await world.findByTag('a'), undefined);
		assert.ok(await world.findByTag('b'));
		assert.ok(await world.findByDigest(image.manifest.digest));
	});

	define('a manifest that is deleted takes its tags with it', async world => {
		const image = imageFixture();
		await world.pushImage(image, ['a', 'b']);
		assert.equal(await world.writer.deleteManifest(world.image, image.manifest.digest, world.as), true);
		assert.equal(await world.writer.deleteManifest(world.image, image.manifest.digest, world.as), false);
		assert.equal(await world.findByTag('a'), undefined);
		assert.equal(await world.findByDigest(image.manifest.digest), undefined);
	});

	define('a manifest that an index names is not deleted before it', async world => {
		const image = imageFixture();
		await world.pushImage(image);
		const index = indexFixture([image.manifest.descriptor]);
		await world.putManifest(index);
		await refuses('DENIED', world.writer.deleteManifest(world.image, image.manifest.digest, world.as));
		assert.equal(await world.writer.deleteManifest(world.image, index.digest, world.as), true);
		assert.equal(await world.writer.deleteManifest(world.image, image.manifest.digest, world.as), true);
	});

	define('a blob is deleted unless a manifest needs it', async world => {
		const image = imageFixture();
		await world.pushImage(image);
		await refuses('DENIED', world.writer.deleteBlob(world.image, image.config.digest, world.as));
		const blob = blobFixture();
		await world.pushBlob(blob);
		assert.equal(await world.writer.deleteBlob(world.image, blob.digest, world.as), true);
		assert.equal(await world.writer.deleteBlob(world.image, blob.digest, world.as), false);
		assert.equal(await world.findBlob(blob.digest), undefined);
	});

	define('many pushes to one tag at a time all succeed, and the tag is one of them', async world => {
		const images = Array.from({length: 8}, () => imageFixture({layers: 1}));
		await Promise.all(images.map(image => world.pushImage(image, ['latest'])));
		const found = await world.findByTag('latest');
		assert.ok(images.some(({manifest}) => manifest.digest === found?.manifest.digest));
		for (const {manifest} of images) {
			assert.ok(await world.findByDigest(manifest.digest));
		}
	});

	define('deleting a manifest and storing an index that names it do not both succeed', async world => {
		for (let round = 0; round < 10; round++) {
			const image = imageFixture({layers: 0});
			await world.pushImage(image);
			const index = indexFixture([image.manifest.descriptor]);
			const [deleted, stored] = await Promise.allSettled([
				world.writer.deleteManifest(world.image, image.manifest.digest, world.as),
				world.putManifest(index),
			]);
			assert.notEqual(deleted.status, stored.status);
			assert.equal((await world.findByDigest(index.digest)) !== undefined, stored.status === 'fulfilled');
			assert.equal((await world.findByDigest(image.manifest.digest)) !== undefined, stored.status === 'fulfilled');
		}
	});
};
