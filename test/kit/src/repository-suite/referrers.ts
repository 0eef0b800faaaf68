import assert from 'node:assert/strict';
import type {Descriptor} from '@stowage/core';
import {artifactFixture, imageFixture, indexFixture, mediaTypes} from '../image-fixture.ts';
import type {RepositoryWorld} from './repository-world.ts';
import type {Topic} from './suite-case.ts';

const sbom = 'application/spdx+json';
const signature = 'application/vnd.example.signature';

async function list(world: RepositoryWorld, subject: Descriptor, artifactType?: string, limit = 100) {
	return world.collect(
		page => world.repository.listReferrers(world.image, subject.digest, {...page, artifactType}, world.as),
		limit,
	);
}

/** The referrers of the distribution specification ("Listing Referrers"). */
export const referrers: Topic = define => {
	define('an artifact is listed by its subject, with its type and annotations', async world => {
		const image = imageFixture();
		await world.pushImage(image, ['v1']);
		const artifact = artifactFixture(image.manifest.descriptor, sbom, {note: 'first'});
		await world.pushImage(artifact);
		assert.deepEqual(await list(world, image.manifest.descriptor), [
			{...artifact.manifest.descriptor, artifactType: sbom, annotations: {note: 'first'}},
		]);
	});

	define('referrers of a subject that is not there are kept', async world => {
		const {manifest} = imageFixture();
		const artifact = artifactFixture(manifest.descriptor, sbom);
		await world.pushImage(artifact);
		assert.equal((await list(world, manifest.descriptor)).length, 1);
	});

	define('a subject that nothing refers to has an empty list', async world => {
		assert.deepEqual(await list(world, imageFixture().manifest.descriptor), []);
	});

	define('the type of an image without an artifact type is that of its config', async world => {
		const subject = imageFixture().manifest.descriptor;
		const image = imageFixture({configType: 'application/vnd.example.config+json', members: {subject}});
		await world.pushImage(image);
		assert.equal((await list(world, subject))[0]?.artifactType, 'application/vnd.example.config+json');
	});

	define('an index refers to a subject as well', async world => {
		const child = imageFixture();
		await world.pushImage(child);
		const subject = imageFixture().manifest.descriptor;
		const index = indexFixture([child.manifest.descriptor], {subject});
		await world.putManifest(index);
		const [found] = await list(world, subject);
		assert.deepEqual([found?.digest, found?.mediaType], [index.digest, mediaTypes.index]);
	});

	for (const limit of [1, 2, 100]) {
		define(`referrers come in order of their digests and by type, ${limit} a page`, async world => {
			const subject = imageFixture().manifest.descriptor;
			const artifacts = [sbom, signature, sbom, signature, sbom].map(type => artifactFixture(subject, type));
			for (const artifact of artifacts) {
				await world.pushImage(artifact);
			}
			const digests = artifacts.map(({manifest}) => manifest.digest).toSorted();
			const found = await list(world, subject, undefined, limit);
			assert.deepEqual(
				found.map(({digest}) => digest),
				digests,
			);
			assert.equal((await list(world, subject, sbom, limit)).length, 3);
			assert.equal((await list(world, subject, 'application/none', limit)).length, 0);
		});
	}

	define('a referrer that was deleted is not listed any more', async world => {
		const subject = imageFixture().manifest.descriptor;
		const artifact = artifactFixture(subject, sbom);
		await world.pushImage(artifact);
		assert.equal(await world.writer.deleteManifest(world.image, artifact.manifest.digest, world.as), true);
		assert.deepEqual(await list(world, subject), []);
	});
};
