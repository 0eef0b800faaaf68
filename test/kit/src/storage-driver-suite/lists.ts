import assert from 'node:assert/strict';
import {inOddPieces, patternBytes} from './bodies.ts';
import type {Topic} from './suite-case.ts';
import {type SuiteWorld, everyOf} from './suite-world.ts';

export const lists: Topic = (define, {listedObjects}) => {
	define('a list has every object below its prefix at any depth, with sizes', async world => {
		const sizes = {'a/1': 10, 'a/b/2': 0, 'a/b/c/d/3': 300, 'ab/4': 4, 'b/5': 5};
		for (const [name, size] of Object.entries(sizes)) {
			await world.store(world.key(name), patternBytes(size));
		}
		assert.deepEqual(await sizesBelow(world, ''), sizes);
		assert.deepEqual(await sizesBelow(world, 'a/'), {'a/1': 10, 'a/b/2': 0, 'a/b/c/d/3': 300});
		assert.deepEqual(await sizesBelow(world, 'b/5'), {'b/5': 5});
	});

	define('a prefix may end within a name', async world => {
		for (const name of ['sha256/ab1', 'sha256/ab2/x', 'sha256/ac', 'sha512/ab']) {
			await world.store(world.key(name), patternBytes(1));
		}
		assert.deepEqual(await sizesBelow(world, 'sha256/ab'), {'sha256/ab1': 1, 'sha256/ab2/x': 1});
		assert.deepEqual(Object.keys(await sizesBelow(world, 'sha')).length, 4);
	});

	define('a list below what is not there is empty', async world => {
		assert.deepEqual(await world.list(world.key('nothing/')), []);
		await world.store(world.key('object'), patternBytes(1));
		assert.deepEqual(await world.list(world.key('object/')), []);
		assert.deepEqual(await world.list(world.key('objects')), []);
	});

	define('a list has no uploads that are not sealed, and no deleted objects', async world => {
		await world.append(await world.create(world.key('upload')), inOddPieces(patternBytes(100)));
		await world.store(world.key('deleted'), patternBytes(1));
		await world.delete(world.key('deleted'));
		await world.store(world.key('kept'), patternBytes(1));
		assert.deepEqual(await sizesBelow(world, ''), {kept: 1});
	});

	define('a list can be left before its end', async world => {
		for (const name of ['a', 'b', 'c']) {
			await world.store(world.key(name), patternBytes(1));
		}
		await world.using(async driver => {
			let seen = 0;
			for await (const object of driver.list(`${world.prefix}/`)) {
				assert.equal(object.size, 1);
				seen += 1;
				break;
			}
			assert.equal(seen, 1);
			assert.equal((await everyOf(driver.list(`${world.prefix}/`))).length, 3);
		});
	});

	define(`a list of ${listedObjects} objects has each of them once`, async world => {
		const keys = Array.from({length: listedObjects}, (_, index) => world.key(`many/${index % 7}/${index}`));
		await world.using(async driver => {
			const rest = keys.values();
			const storeRest = async () => {
				for (const key of rest) {
					await driver.sealUpload(world.kept(await driver.createUpload(key)));
				}
			};
			await Promise.all(Array.from({length: 20}, storeRest));
		});
		const listed = (await world.list(world.key('many/'))).map(object => object.key);
		assert.equal(listed.length, keys.length);
		assert.deepEqual(listed.toSorted(), keys.toSorted());
	});
};

async function sizesBelow(world: SuiteWorld, name: string): Promise<Record<string, number>> {
	const objects = await world.list(world.key(name));
	const named = objects.map(({key, size}) => [key.slice(world.prefix.length + 1), size] as const);
	return Object.fromEntries(named.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
