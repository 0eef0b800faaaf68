import assert from 'node:assert/strict';
import {existsSync, readdirSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {patternBytes, inOddPieces} from './bodies.ts';
import type {Topic} from './suite-case.ts';

/** Of this process, as Linux shows them. */
const descriptors = '/proc/self/fd';

const codes = ['not-found', 'denied', 'full', 'unavailable', 'unknown'];

export const failures: Topic = (define, {openDenied, partSize, settleMilliseconds}) => {
	define('check resolves and writes nothing', async world => {
		await world.using(driver => driver.check());
		assert.deepEqual(await world.list(`${world.prefix}/`), []);
	});

	define('classify has a code for whatever it is given', async world => {
		const odd = [undefined, null, 0, '', 'ENOENT', {}, {code: 5}, new Error('odd'), Object.create(null), Symbol('odd')];
		await world.using(async driver => {
			for (const error of odd) {
				assert.ok(codes.includes(driver.classify(error)));
			}
			assert.equal(driver.classify(new Error('nobody knows')), 'unknown');
		});
	});

	if (openDenied !== undefined) {
		define('a refusal by the backend is classified as one', async world => {
			const driver = await openDenied();
			try {
				await assert.rejects(driver.stat(world.key('object')), error => {
					assert.equal(driver.classify(error), 'denied', String(error));
					return true;
				});
			} finally {
				await driver.close();
			}
		});
	}

	define('a closed driver leaves nothing open', async world => {
		await world.store(world.key('object'), patternBytes(4 * partSize));
		const open = () => countOpen(world.prefix);
		const before = open();
		for (let turn = 0; turn < 3; turn += 1) {
			await world.using(async driver => {
				const [left, unread] = [await driver.read(world.key('object')), await driver.read(world.key('object'))];
				for await (const chunk of left) {
					assert.ok((chunk as Buffer).length > 0);
					break;
				}
				unread.destroy();
				const broken = driver.appendUpload(world.kept(await driver.createUpload(world.key('upload'))), failing());
				await assert.rejects(broken);
			});
		}
		for (const start = Date.now(); open() > before && Date.now() - start < settleMilliseconds;) {
			await pause(20);
		}
		const after = open();
		assert.ok(after <= before, `${after} open files or sockets, ${before} before`);
	});
};

function failing() {
	return inOddPieces(patternBytes(100)).map(() => {
		throw new Error('the body broke off');
	});
}

/**
 * Sockets of this thread and, where the system shows them, open files whose path has `part`: tests of other files may run
 * in the same process.
 */
function countOpen(part: string): number {
	const sockets = process.getActiveResourcesInfo().filter(name => name.endsWith('Wrap'));
	const files = existsSync(descriptors) ? readdirSync(descriptors).filter(name => targetOf(name).includes(part)) : [];
	return sockets.length + files.length;
}

/** Of a descriptor; empty when it has been closed meanwhile. */
function targetOf(name: string): string {
	try {
		return readlinkSync(join(descriptors, name));
	} catch {
		return '';
	}
}
