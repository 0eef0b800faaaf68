import assert from 'node:assert/strict';
import {buffer} from 'node:stream/consumers';
import {setTimeout as pause} from 'node:timers/promises';
import {inOddPieces, patternBytes} from './bodies.ts';
import type {SuiteSettings, Topic} from './suite-case.ts';

export const reads: Topic = (define, settings) => {
	for (const [title, start, end] of rangesOf(settings)) {
		define(`a read of ${title} gives those bytes`, async world => {
			const bytes = patternBytes(2 * settings.partSize + 17);
			await world.store(world.key('object'), bytes);
			assert.ok(bytes.subarray(start, end).equals(await world.bytes(world.key('object'), {start, end})));
		});
	}

	define('a read of a missing key rejects before there is a stream', async world => {
		await world.rejectsAsMissing(driver => driver.read(world.key('nothing')));
		await world.rejectsAsMissing(driver => driver.read(world.key('nothing'), {range: {start: 0, end: 1}}));
	});

	define('a read of an upload that is not sealed rejects', async world => {
		await world.append(await world.create(world.key('upload')), inOddPieces(patternBytes(1_000)));
		await world.rejectsAsMissing(driver => driver.read(world.key('upload')));
	});

	define('what is written and read past copies is the same', async world => {
		const bytes = patternBytes(settings.partSize + 17);
		await world.using(async driver => {
			const state = await driver.createUpload(world.key('upload'), {uncached: true});
			await driver.sealUpload(await driver.appendUpload(state, inOddPieces(bytes)));
			await driver.move(world.key('upload'), world.key('object'));
			const options = {uncached: true};
			assert.ok(bytes.equals(await buffer(await driver.read(world.key('object'), options))));
			const range = {start: 3, end: 10};
			assert.ok(
				bytes.subarray(3, 10).equals(await buffer(await driver.read(world.key('object'), {...options, range}))),
			);
		});
		assert.ok(bytes.equals(await world.bytes(world.key('object'))));
	});

	define('a stream destroyed half-way ends its transfer, and the driver goes on', async world => {
		const bytes = patternBytes(4 * settings.partSize);
		await world.store(world.key('object'), bytes);
		await world.using(async driver => {
			const stream = await driver.read(world.key('object'));
			for await (const chunk of stream) {
				assert.ok((chunk as Buffer).length > 0);
				break;
			}
			assert.ok(stream.destroyed);
			assert.ok(bytes.equals(await buffer(await driver.read(world.key('object')))));
		});
	});

	define('a stream destroyed before its first byte is no error', async world => {
		await world.store(world.key('object'), patternBytes(10));
		await world.using(async driver => {
			const stream = await driver.read(world.key('object'));
			stream.destroy();
			await pause(20);
			assert.equal(stream.errored, null);
		});
	});

	define('a slow reader gets every byte', async world => {
		const bytes = patternBytes(2 * settings.partSize + 17);
		await world.store(world.key('object'), bytes);
		await world.using(async driver => {
			const chunks: Buffer[] = [];
			for await (const chunk of await driver.read(world.key('object'))) {
				chunks.push(chunk as Buffer);
				await pause(chunks.length < 20 ? 10 : 0);
			}
			assert.ok(bytes.equals(Buffer.concat(chunks)));
		});
	});

	define('readers at once each get their own bytes', async world => {
		const size = settings.partSize + 1;
		await world.store(world.key('one'), patternBytes(size, 1));
		await world.store(world.key('two'), patternBytes(size, 2));
		await world.using(async driver => {
			const seeds = [1, 2, 1, 2, 1, 2];
			const read = async (seed: number) => buffer(await driver.read(world.key(seed === 1 ? 'one' : 'two')));
			for (const [index, bytes] of (await Promise.all(seeds.map(read))).entries()) {
				assert.ok(patternBytes(size, seeds[index]).equals(bytes));
			}
		});
	});
};

function rangesOf({partSize}: SuiteSettings): readonly (readonly [title: string, start: number, end: number])[] {
	const size = 2 * partSize + 17;
	return [
		['the first byte', 0, 1],
		['the last byte', size - 1, size],
		['bytes on both sides of a part', partSize - 3, partSize + 5],
		['exactly the second part', partSize, 2 * partSize],
		['all bytes', 0, size],
	];
}
