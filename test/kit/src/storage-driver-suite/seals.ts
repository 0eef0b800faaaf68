import assert from 'node:assert/strict';
import {inOddPieces, patternBytes} from './bodies.ts';
import type {Topic} from './suite-case.ts';

export const seals: Topic = (define, {partSize}) => {
	define('nothing is to be seen under a key until its upload is sealed', async world => {
		const created = await world.create(world.key('upload'));
		assert.equal(await world.stat(world.key('upload')), undefined);
		const state = await world.append(created, inOddPieces(patternBytes(partSize + 1)));
		assert.equal(await world.stat(world.key('upload')), undefined);
		assert.deepEqual(await world.list(`${world.prefix}/`), []);
		await world.seal(state);
		assert.equal((await world.stat(world.key('upload')))?.size, partSize + 1);
	});

	for (const size of [0, partSize + 1]) {
		define(`sealing an upload of ${size} bytes again changes nothing`, async world => {
			const state = await world.store(world.key('object'), patternBytes(size));
			await world.seal(state);
			await world.seal(state);
			assert.ok(patternBytes(size).equals(await world.bytes(world.key('object'))));
		});
	}
};
