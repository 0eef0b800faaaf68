import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {setTimeout as pause} from 'node:timers/promises';
import {patternBytes} from './bodies.ts';
import type {Topic} from './suite-case.ts';
import type {SuiteWorld} from './suite-world.ts';

/** Ways for a client or a web server to get the bytes without us. */
export const waysAround: Topic = (define, settings) => {
	define(settings.localPaths ? 'a local path leads to the bytes' : 'there is no localPath', async world => {
		await world.store(world.key('object'), patternBytes(1_000));
		await world.using(async driver => {
			const path = driver.localPath?.(world.key('object'));
			assert.equal(path !== undefined, settings.localPaths);
			assert.ok(path === undefined || patternBytes(1_000).equals(await readFile(path)));
		});
	});

	define(settings.localPaths ? 'an opened file has the bytes' : 'there is no openFile', async world => {
		await world.store(world.key('object'), patternBytes(1_000));
		await world.using(async driver => {
			assert.equal(driver.openFile !== undefined, settings.localPaths);
			await using file = await driver.openFile?.(world.key('object'));
			assert.ok(file === undefined || patternBytes(1_000).equals(await file.readFile()));
		});
	});

	if (settings.signedUrls) {
		signedUrls(define, settings);
	} else {
		define('there is no signedUrl', async world => {
			assert.equal(await world.using(async driver => driver.signedUrl === undefined), true);
		});
	}
};

const signedUrls: Topic = (define, {signedUrlsExpire}) => {
	define('a signed address gives the bytes without credentials, whole and in part', async world => {
		await world.store(world.key('object'), patternBytes(1_000));
		const url = await sign(world, 60);
		const whole = await fetch(url);
		assert.equal(whole.status, 200);
		assert.equal(whole.headers.get('content-type'), 'application/vnd.example+thing');
		assert.ok(patternBytes(1_000).equals(Buffer.from(await whole.arrayBuffer())));
		const part = await fetch(url, {headers: {range: 'bytes=10-19'}});
		assert.equal(part.status, 206);
		assert.ok(
			patternBytes(1_000)
				.subarray(10, 20)
				.equals(Buffer.from(await part.arrayBuffer())),
		);
	});

	if (signedUrlsExpire) {
		define('a signed address is worth nothing after its time', async world => {
			await world.store(world.key('object'), patternBytes(1_000));
			const url = await sign(world, 1);
			await pause(3_000);
			const answer = await fetch(url);
			await answer.arrayBuffer();
			assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status}`);
		});
	}
};

function sign(world: SuiteWorld, expiresInSeconds: number): Promise<URL> {
	return world.using(async driver => {
		const options = {expiresInSeconds, contentType: 'application/vnd.example+thing'};
		const url = await driver.signedUrl?.(world.key('object'), options);
		assert.ok(url, 'the driver has no signedUrl');
		return url;
	});
}
