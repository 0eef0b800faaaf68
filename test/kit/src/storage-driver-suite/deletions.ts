import assert from 'node:assert/strict';
import {inOddPieces, patternBytes} from './bodies.ts';
import type {Topic} from './suite-case.ts';

export const deletions: Topic = (define, {partSize, abortsAreFinal}) => {
	define('a deleted object is gone, and deleting it again is no error', async world => {
		await world.store(world.key('object'), patternBytes(10));
		await world.delete(world.key('object'));
		assert.equal(await world.stat(world.key('object')), undefined);
		await world.rejectsAsMissing(driver => driver.read(world.key('object')));
		await world.delete(world.key('object'));
		await world.delete(world.key('never/there'));
	});

	define('deleting an object leaves its neighbours', async world => {
		await world.store(world.key('folder/one'), patternBytes(10));
		await world.store(world.key('folder/two'), patternBytes(10, 2));
		await world.delete(world.key('folder/one'));
		assert.ok(patternBytes(10, 2).equals(await world.bytes(world.key('folder/two'))));
		await world.delete(world.key('folder/two'));
		await world.store(world.key('folder/one'), patternBytes(10, 3));
		assert.ok(patternBytes(10, 3).equals(await world.bytes(world.key('folder/one'))));
	});

	define('objects can be stored where others are being deleted', async world => {
		await world.using(async driver => {
			const storeAndDelete = async (name: string) => {
				const key = world.key(`shared/folder/${name}`);
				for (let turn = 0; turn < 5; turn += 1) {
					const created = world.kept(await driver.createUpload(key));
					const state = world.kept(await driver.appendUpload(created, inOddPieces(patternBytes(100))));
					await driver.sealUpload(state);
					await driver.move(key, `${key}.moved`);
					await driver.delete(`${key}.moved`);
				}
			};
			await Promise.all(['a', 'b', 'c', 'd'].map(storeAndDelete));
		});
		assert.deepEqual(await world.list(`${world.prefix}/`), []);
	});

	define('an upload that is aborted holds nothing', async world => {
		const state = await world.append(await world.create(world.key('upload')), inOddPieces(patternBytes(partSize + 1)));
		await world.abort(state);
		assert.equal(await world.stat(world.key('upload')), undefined);
		assert.deepEqual(await world.list(`${world.prefix}/`), []);
	});

	if (abortsAreFinal) {
		define('an upload that was aborted can neither go on nor be sealed', async world => {
			const state = await world.append(await world.create(world.key('upload')), inOddPieces(patternBytes(100)));
			await world.abort(state);
			await world.rejectsAsMissing(driver => driver.appendUpload(state, inOddPieces(patternBytes(10))));
			await world.rejectsAsMissing(driver => driver.sealUpload(state));
			assert.equal(await world.stat(world.key('upload')), undefined);
		});
	}

	define('a sealed upload that is aborted is gone', async world => {
		const state = await world.store(world.key('upload'), patternBytes(partSize + 1));
		await world.abort(state);
		assert.equal(await world.stat(world.key('upload')), undefined);
	});

	define('an upload may be aborted twice, and before its first byte', async world => {
		const state = await world.create(world.key('upload'));
		await world.abort(state);
		await world.abort(state);
		assert.deepEqual(await world.list(`${world.prefix}/`), []);
	});

	define('aborting an upload whose object was moved leaves the object', async world => {
		const state = await world.store(world.key('upload'), patternBytes(77));
		await world.move(world.key('upload'), world.key('blob'));
		await world.abort(state);
		assert.ok(patternBytes(77).equals(await world.bytes(world.key('blob'))));
	});

	define('a key whose upload was aborted can be used for another', async world => {
		const state = await world.append(await world.create(world.key('upload')), inOddPieces(patternBytes(500, 9)));
		await world.abort(state);
		await world.store(world.key('upload'), patternBytes(50));
		assert.ok(patternBytes(50).equals(await world.bytes(world.key('upload'))));
	});
};
