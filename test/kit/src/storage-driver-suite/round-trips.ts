import assert from 'node:assert/strict';
import {inOddPieces, patternBytes} from './bodies.ts';
import type {Topic} from './suite-case.ts';

const minute = 60_000;

export const roundTrips: Topic = (define, {partSize}) => {
	define('an upload sealed without a byte is an empty object', async world => {
		const key = world.key('empty');
		await world.seal(await world.create(key));
		assert.equal((await world.stat(key))?.size, 0);
		assert.equal((await world.bytes(key)).length, 0);
	});

	for (const size of [0, 1, 1_000, partSize - 1, partSize, partSize + 1, 2 * partSize + 17]) {
		define(`an object of ${size} bytes comes back as it was stored`, async world => {
			const bytes = patternBytes(size);
			const state = await world.store(world.key('object'), bytes);
			assert.equal(state.offset, size);
			assert.equal((await world.stat(world.key('object')))?.size, size);
			assert.ok(bytes.equals(await world.bytes(world.key('object'))));
		});
	}

	define('a key may use every character it is allowed, in many segments', async world => {
		const key = world.key('a/bc/0-9_x.y/.hidden/..z/--/__/abcdefghijklmnopqrstuvwxyz0123456789');
		await world.store(key, patternBytes(10));
		assert.ok(patternBytes(10).equals(await world.bytes(key)));
		assert.deepEqual(
			(await world.list(world.key('a/'))).map(object => object.key),
			[key],
		);
	});

	define('objects whose keys are close to each other are kept apart', async world => {
		const names = ['a', 'a.', 'a-', 'a_', 'a.part', 'a.tmp', 'aa', 'b/a'];
		for (const [index, name] of names.entries()) {
			await world.store(world.key(name), patternBytes(100, index + 1));
		}
		for (const [index, name] of names.entries()) {
			assert.ok(patternBytes(100, index + 1).equals(await world.bytes(world.key(name))), name);
		}
	});

	define('an upload does not touch an object whose key resembles it', async world => {
		await world.store(world.key('a.part'), patternBytes(5));
		const state = await world.append(await world.create(world.key('a')), inOddPieces(patternBytes(50, 2)));
		await world.abort(state);
		assert.ok(patternBytes(5).equals(await world.bytes(world.key('a.part'))));
	});

	define('stat tells the key, the size and when the object was made', async world => {
		await world.store(world.key('object'), patternBytes(321));
		const object = await world.stat(world.key('object'));
		assert.equal(object?.key, world.key('object'));
		assert.equal(object.size, 321);
		assert.ok(object.modifiedAt instanceof Date);
		assert.ok(Math.abs(Date.now() - object.modifiedAt.getTime()) < 10 * minute, object.modifiedAt.toISOString());
	});

	define('stat of what is not there is undefined', async world => {
		assert.equal(await world.stat(world.key('nothing')), undefined);
		await world.store(world.key('object'), patternBytes(1));
		assert.equal(await world.stat(world.key('object/below')), undefined);
		assert.equal(await world.stat(world.prefix), undefined, 'a folder is no object');
	});
};
