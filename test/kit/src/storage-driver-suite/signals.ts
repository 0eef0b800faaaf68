import assert from 'node:assert/strict';
import {setTimeout as pause} from 'node:timers/promises';
import type {StorageDriver, UploadState} from '@stowage/core';
import {inOddPieces, patternBytes, stallingAfter} from './bodies.ts';
import type {Topic} from './suite-case.ts';
import {everyOf} from './suite-world.ts';

export const signals: Topic = (define, {partSize, settleMilliseconds}) => {
	define('a call whose signal has aborted already rejects and does nothing', async world => {
		const signal = AbortSignal.abort(new Error('left before'));
		await world.store(world.key('object'), patternBytes(10));
		const state = await world.create(world.key('upload'));
		await world.using(async driver => {
			for (const [name, call] of callsOf(driver, world.key('object'), state, signal)) {
				await assert.rejects(call, Error, `${name} did not mind its signal`);
			}
		});
		assert.equal((await world.stat(world.key('object')))?.size, 10);
		assert.equal(await world.stat(world.key('other')), undefined);
		await world.seal(await world.append(state, inOddPieces(patternBytes(5))));
	});

	for (const size of [0, 10, partSize + 1]) {
		define(`an append aborted while its body stalls after ${size} bytes settles and can be made again`, async world => {
			const first = await world.append(await world.create(world.key('object')), inOddPieces(patternBytes(10)));
			const leave = new AbortController();
			const body = stallingAfter(patternBytes(size, 9));
			const append = world.append(first, body, {signal: leave.signal});
			const settled = assert.rejects(append);
			await pause(50);
			leave.abort(new Error('left meanwhile'));
			await within(settled, settleMilliseconds);
			body.destroy();
			const next = await world.append(first, inOddPieces(patternBytes(20, 2)));
			await world.seal(next);
			const expected = Buffer.concat([patternBytes(10), patternBytes(20, 2)]);
			assert.ok(expected.equals(await world.bytes(world.key('object'))));
		});
	}

	define('an append aborted at any moment of its beginning settles, also when its body stalls', async world => {
		const first = await world.create(world.key('object'));
		for (const delay of [0, 1, 2, 4, 8, 16]) {
			const leave = new AbortController();
			const body = stallingAfter(patternBytes(10));
			const settled = assert.rejects(world.append(first, body, {signal: leave.signal}));
			await pause(delay);
			leave.abort(new Error('left meanwhile'));
			await within(settled, settleMilliseconds);
			body.destroy();
		}
		await world.seal(await world.append(first, inOddPieces(patternBytes(20, 2))));
		assert.ok(patternBytes(20, 2).equals(await world.bytes(world.key('object'))));
	});

	define('a list aborted under way ends with an error', async world => {
		for (const name of ['a', 'b', 'c']) {
			await world.store(world.key(name), patternBytes(1));
		}
		const leave = new AbortController();
		await world.using(async driver => {
			const walk = async () => {
				for await (const object of driver.list(`${world.prefix}/`, {signal: leave.signal})) {
					assert.equal(object.size, 1);
					leave.abort(new Error('seen enough'));
				}
				// A page that came whole may be given whole: the next list has to mind the signal in any case.
				leave.signal.throwIfAborted();
			};
			await within(assert.rejects(walk()), settleMilliseconds);
		});
	});
};

function callsOf(
	driver: StorageDriver,
	key: string,
	state: UploadState,
	signal: AbortSignal,
): readonly (readonly [name: string, call: () => Promise<unknown>])[] {
	const options = {signal};
	return [
		['check', () => driver.check(options)],
		['stat', () => driver.stat(key, options)],
		['read', () => driver.read(key, options)],
		['list', () => everyOf(driver.list(key, options))],
		['move', () => driver.move(key, `${key}.moved`, options)],
		['delete', () => driver.delete(key, options)],
		['createUpload', () => driver.createUpload(`${key}.other`, options)],
		['appendUpload', () => driver.appendUpload(state, inOddPieces(patternBytes(10)), options)],
		['sealUpload', () => driver.sealUpload(state, options)],
		['abortUpload', () => driver.abortUpload(state, options)],
	];
}

/** Fails when `settled` takes longer; a promise that never settles must not hang the run. */
async function within(settled: Promise<void>, milliseconds: number): Promise<void> {
	const clock = new AbortController();
	const late = pause(milliseconds, undefined, {signal: clock.signal}).then(
		() => assert.fail(`not settled ${milliseconds} ms after its signal aborted`),
		() => undefined,
	);
	try {
		await Promise.race([settled, late]);
	} finally {
		clock.abort();
		await late.catch(() => undefined);
	}
}
