import assert from 'node:assert/strict';
import {parseImageName} from '@stowage/core';
import {imageFixture} from '../image-fixture.ts';
import type {Topic} from './suite-case.ts';

/** Lists come in byte order, in full pages, and tell nobody what he may not read. */
export const lists: Topic = define => {
	for (const limit of [1, 2, 3, 5, 100]) {
		define(`tags come in byte order, ${limit} a page`, async world => {
			const tags = ['v1', 'V1', '10', '2', 'latest'];
			await world.pushImage(imageFixture(), tags);
			const listed = await world.collect(page => world.repository.listTags(world.image, page, world.as), limit);
			assert.deepEqual(listed, ['10', '2', 'V1', 'latest', 'v1']);
		});

		define(`images come in byte order, ${limit} a page`, async world => {
			const names = ['b', 'a', 'a-b', 'a/b', 'a0'];
			const image = imageFixture({layers: 1});
			for (const name of names) {
				await world.pushImage(image, [], parseImageName(name));
			}
			const listed = await world.collect(page => world.repository.listImages(page, world.as), limit);
			assert.deepEqual(listed, ['a', 'a-b', 'a/b', 'a0', 'b']);
		});

		define(`images that the caller may not read are left out, ${limit} a page`, async world => {
			const image = imageFixture({layers: 1});
			for (const name of ['a', 'b', 'secret/a', 'secret/b', 'x', 'z']) {
				await world.pushImage(image, [], parseImageName(name));
			}
			const reader = world.callerWho('reader', (_, name) => name === undefined || !/^(?:secret|z)/.test(name));
			const listed = await world.collect(page => world.repository.listImages(page, reader), limit);
			assert.deepEqual(listed, ['a', 'b', 'x']);
		});
	}

	define('a list goes on after a name that is not in it', async world => {
		await world.pushImage(imageFixture(), ['a', 'c']);
		const page = await world.repository.listTags(world.image, {limit: 10, after: 'b'}, world.as);
		assert.deepEqual(page?.items, ['c']);
		const images = await world.repository.listImages({limit: 10, after: 'zzz'}, world.as);
		assert.deepEqual(images.items, []);
	});

	define('a page of none is empty and the last', async world => {
		await world.pushImage(imageFixture(), ['a']);
		const tags = await world.repository.listTags(world.image, {limit: 0}, world.as);
		assert.deepEqual([tags?.items, tags?.next], [[], undefined]);
		const images = await world.repository.listImages({limit: 0}, world.as);
		assert.deepEqual([images.items, images.next], [[], undefined]);
	});

	define('an image without manifests is not listed', async world => {
		await world.pushBlob(imageFixture().config);
		assert.deepEqual((await world.repository.listImages({limit: 10}, world.as)).items, []);
	});

	define('an image without tags has an empty list of them', async world => {
		await world.pushImage(imageFixture());
		assert.deepEqual((await world.repository.listTags(world.image, {limit: 10}, world.as))?.items, []);
	});

	define('who may read nothing is told of nothing', async world => {
		await world.pushImage(imageFixture(), ['a']);
		const nobody = world.callerWho('nobody', () => false);
		const page = await world.repository.listImages({limit: 10}, nobody);
		assert.deepEqual([page.items, page.next], [[], undefined]);
	});
};
