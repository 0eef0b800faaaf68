import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {inOddPieces, patternBytes} from './bodies.ts';
import {MemoryWatch} from './memory-watch.ts';
import type {Topic} from './suite-case.ts';

export const load: Topic = (define, settings) => {
	const {largeObjectSize, memoryGrowth, uploadsAtOnce} = settings;

	define(`${largeObjectSize} bytes are stored and read in bounded memory`, async world => {
		const memory = new MemoryWatch();
		const written = createHash('sha256');
		const body = Readable.from(
			largeBody(largeObjectSize, chunk => written.update(chunk), memory),
			{
				objectMode: false,
			},
		);
		const state = await world.append(await world.create(world.key('large')), body);
		assert.equal(state.offset, largeObjectSize);
		await world.seal(state);
		const read = createHash('sha256');
		await world.using(async driver => {
			for await (const chunk of await driver.read(world.key('large'))) {
				read.update(chunk as Buffer);
				memory.pass((chunk as Buffer).length);
			}
		});
		assert.equal(read.digest('hex'), written.digest('hex'));
		assert.ok(memory.growth < memoryGrowth, `up to ${memory.growth} bytes were held`);
	});

	define(`${uploadsAtOnce} uploads at once through one driver all arrive`, async world => {
		await world.using(async driver => {
			const upload = async (seed: number) => {
				const bytes = patternBytes(10_000 + seed, seed);
				const created = world.kept(await driver.createUpload(world.key(`upload-${seed}`)));
				const half = world.kept(await driver.appendUpload(created, inOddPieces(bytes.subarray(0, 5_000))));
				const whole = world.kept(await driver.appendUpload(half, inOddPieces(bytes.subarray(5_000))));
				await driver.sealUpload(whole);
				await driver.move(whole.key, world.key(`blobs/${seed}`));
				assert.ok(bytes.equals(await buffer(await driver.read(world.key(`blobs/${seed}`)))), `upload ${seed}`);
			};
			await Promise.all(Array.from({length: uploadsAtOnce}, (_, index) => upload(index + 1)));
		});
		assert.equal((await world.list(world.key('blobs/'))).length, uploadsAtOnce);
	});
};

/** Gives a fresh buffer for every piece, as a socket does: a driver that gathers them holds them all. */
function* largeBody(size: number, take: (chunk: Buffer) => void, memory: MemoryWatch): Iterable<Buffer> {
	const block = patternBytes(1_000_003);
	let given = 0;
	while (given < size) {
		const start = given % block.length;
		const chunk = Buffer.from(block.subarray(start, Math.min(start + 65_536, start + size - given)));
		given += chunk.length;
		take(chunk);
		memory.pass(chunk.length);
		yield chunk;
	}
}
