import assert from 'node:assert/strict';
import {BrokenBody, breakingAfter, inOddPieces, patternBytes} from './bodies.ts';
import type {Topic} from './suite-case.ts';

export const brokenAppends: Topic = (define, {partSize}) => {
	for (const size of [0, 1, partSize - 1, partSize, partSize + 1, 3 * partSize]) {
		define(`an append that breaks after ${size} bytes can be made again from the old state`, async world => {
			const bytes = patternBytes(3 * partSize + 29);
			const first = await world.append(await world.create(world.key('object')), inOddPieces(bytes.subarray(0, 10)));
			const broken = breakingAfter(patternBytes(size, 9));
			await assert.rejects(world.append(first, broken), BrokenBody);
			const second = await world.append(first, inOddPieces(bytes.subarray(10)));
			await world.seal(second);
			assert.ok(bytes.equals(await world.bytes(world.key('object'))));
		});
	}

	define('an append that broke may be followed by fewer bytes than it had stored', async world => {
		const first = await world.append(await world.create(world.key('object')), inOddPieces(patternBytes(partSize)));
		await assert.rejects(world.append(first, breakingAfter(patternBytes(2 * partSize, 9))), BrokenBody);
		await world.seal(await world.append(first, inOddPieces(patternBytes(3, 2))));
		const expected = Buffer.concat([patternBytes(partSize), patternBytes(3, 2)]);
		assert.ok(expected.equals(await world.bytes(world.key('object'))));
	});

	define('an upload can be sealed where it stood before an append broke', async world => {
		const first = await world.append(await world.create(world.key('object')), inOddPieces(patternBytes(1_234)));
		await assert.rejects(world.append(first, breakingAfter(patternBytes(2 * partSize, 9))), BrokenBody);
		await world.seal(first);
		assert.equal((await world.stat(world.key('object')))?.size, 1_234);
		assert.ok(patternBytes(1_234).equals(await world.bytes(world.key('object'))));
	});

	define('an upload whose first append broke can be sealed empty', async world => {
		const first = await world.create(world.key('object'));
		await assert.rejects(world.append(first, breakingAfter(patternBytes(partSize + 1))), BrokenBody);
		await world.seal(first);
		assert.equal((await world.stat(world.key('object')))?.size, 0);
	});

	define('an append that breaks again and again loses nothing', async world => {
		const bytes = patternBytes(partSize + 4);
		let state = await world.create(world.key('object'));
		for (const end of [5, partSize, bytes.length]) {
			await assert.rejects(world.append(state, breakingAfter(patternBytes(partSize, end))), BrokenBody);
			await assert.rejects(world.append(state, breakingAfter(patternBytes(17, end))), BrokenBody);
			state = await world.append(state, inOddPieces(bytes.subarray(state.offset, end)));
		}
		await world.seal(state);
		assert.ok(bytes.equals(await world.bytes(world.key('object'))));
	});

	define('an append that was stored but whose new state was lost can be made again', async world => {
		const bytes = patternBytes(partSize + 50);
		const first = await world.append(await world.create(world.key('object')), inOddPieces(bytes.subarray(0, 30)));
		await world.append(first, inOddPieces(patternBytes(partSize + 99, 9)));
		await world.seal(await world.append(first, inOddPieces(bytes.subarray(30))));
		assert.ok(bytes.equals(await world.bytes(world.key('object'))));
	});
};
