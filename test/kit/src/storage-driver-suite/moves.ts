import assert from 'node:assert/strict';
import {patternBytes} from './bodies.ts';
import type {Topic} from './suite-case.ts';

export const moves: Topic = (define, {partSize, settleMilliseconds}) => {
	for (const size of [0, 100, 2 * partSize + 17]) {
		define(`an object of ${size} bytes is moved whole`, async world => {
			await world.store(world.key('uploads/one'), patternBytes(size));
			await world.move(world.key('uploads/one'), world.key('blobs/deep/down/one'));
			assert.equal(await world.stat(world.key('uploads/one')), undefined);
			assert.equal((await world.stat(world.key('blobs/deep/down/one')))?.size, size);
			assert.ok(patternBytes(size).equals(await world.bytes(world.key('blobs/deep/down/one'))));
		});
	}

	define('a move that was done may be done again', async world => {
		await world.store(world.key('from'), patternBytes(100));
		await world.move(world.key('from'), world.key('to'));
		await world.move(world.key('from'), world.key('to'));
		assert.ok(patternBytes(100).equals(await world.bytes(world.key('to'))));
	});

	define('a move that is interrupted can be finished', async world => {
		const bytes = patternBytes(partSize + 1);
		await world.store(world.key('from'), bytes);
		const signal = AbortSignal.timeout(1);
		await Promise.allSettled([world.move(world.key('from'), world.key('to'), {signal})]);
		await world.move(world.key('from'), world.key('to'), {signal: AbortSignal.timeout(settleMilliseconds * 6)});
		assert.ok(bytes.equals(await world.bytes(world.key('to'))));
		assert.equal(await world.stat(world.key('from')), undefined);
	});

	define('a move of what is not there rejects', async world => {
		await world.rejectsAsMissing(driver => driver.move(world.key('nothing'), world.key('to')));
		assert.equal(await world.stat(world.key('to')), undefined);
	});

	define('moves at once into one place do not disturb each other', async world => {
		const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
		for (const name of names) {
			await world.store(world.key(`uploads/${name}`), patternBytes(10, name.charCodeAt(0)));
		}
		await world.using(driver =>
			Promise.all(names.map(name => driver.move(world.key(`uploads/${name}`), world.key(`blobs/${name}`)))),
		);
		for (const name of names) {
			assert.ok(patternBytes(10, name.charCodeAt(0)).equals(await world.bytes(world.key(`blobs/${name}`))));
		}
	});
};
