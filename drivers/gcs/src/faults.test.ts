import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import type {StorageDriver} from '@stowage/core';
import {FaultProxy} from '@stowage/test-servers';
import {gcsBuckets} from '@stowage/test-servers/gcs-buckets';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {gcsDriver} from './gcs-driver-type.ts';

const mebibyte = 1024 * 1024;
// It tells how far an upload has come, as the service does.
const newBucket = gcsBuckets('gcpEmulator');

interface World {
	readonly proxy: FaultProxy;
	readonly driver: StorageDriver;
	readonly store: (key: string, bytes: Buffer) => Promise<void>;
}

async function openWorld(t: ExecutionContext, {tries = 4, timeoutSeconds = 30} = {}): Promise<World> {
	const bucket = await newBucket();
	const url = new URL(bucket.apiEndpoint ?? 'https://storage.googleapis.com');
	const proxy = await FaultProxy.start({host: url.hostname, port: Number(url.port || 443)});
	const driver = await gcsDriver.create(
		{...bucket, apiEndpoint: `http://127.0.0.1:${proxy.port}`, chunkMebibytes: 1, timeoutSeconds, tries},
		{name: 'cloud', logger: silentLogger},
	);
	t.teardown(async () => {
		await driver.close();
		await proxy.close();
	});
	const store = async (key: string, bytes: Buffer) => {
		const state = await driver.appendUpload(await driver.createUpload(key), Readable.from([bytes]));
		await driver.sealUpload(state);
	};
	return {proxy, driver, store};
}

test.serial('chunks arrive whole although connections are cut while they are sent', async t => {
	const {proxy, driver, store} = await openWorld(t);
	const bytes = randomBytes(6 * mebibyte + 5);
	proxy.plan({kind: 'cut', direction: 'up', after: 1_700_000, times: 3});
	await store('a', bytes);
	t.is(proxy.happened, 3);
	t.true(bytes.equals(await buffer(await driver.read('a'))));
});

test.serial('a chunk whose answer was lost is asked after, and not stored twice', async t => {
	const {proxy, driver, store} = await openWorld(t);
	const bytes = randomBytes(4 * mebibyte + 5);
	// Answers to chunks are short: each of these cuts loses one.
	proxy.plan({kind: 'cut', direction: 'down', after: 500, times: 3});
	await store('a', bytes);
	t.is(proxy.happened, 3);
	t.true(bytes.equals(await buffer(await driver.read('a'))));
});

test.serial('a download goes on where its connection was cut', async t => {
	const {proxy, driver, store} = await openWorld(t);
	const bytes = randomBytes(5 * mebibyte);
	await store('a', bytes);
	proxy.plan({kind: 'cut', direction: 'down', after: 900_000, times: 4});
	t.true(bytes.equals(await buffer(await driver.read('a'))));
	t.is(proxy.happened, 4);
	proxy.plan({kind: 'cut', direction: 'down', after: 900_000, times: 2});
	const range = {start: 1000, end: 4_000_000};
	t.true(bytes.subarray(1000, 4_000_000).equals(await buffer(await driver.read('a', {range}))));
});

test.serial('a download goes on when the service falls silent', async t => {
	const {proxy, driver, store} = await openWorld(t, {timeoutSeconds: 3});
	const bytes = randomBytes(2 * mebibyte);
	await store('a', bytes);
	proxy.plan({kind: 'stall', direction: 'down', after: 900_000});
	t.true(bytes.equals(await buffer(await driver.read('a'))));
});

test.serial('a service that is silent is unavailable, and not waited for', async t => {
	const {proxy, driver, store} = await openWorld(t, {timeoutSeconds: 2, tries: 2});
	await store('a', Buffer.from('a'));
	proxy.plan({kind: 'stall', direction: 'up', after: 0, times: 10});
	const error = await t.throwsAsync(driver.stat('a'));
	t.is(driver.classify(error), 'unavailable');
	proxy.calm();
	t.is((await driver.stat('a'))?.size, 1);
});

test.serial('a busy service is asked again', async t => {
	const {proxy, driver, store} = await openWorld(t, {tries: 7});
	const bytes = randomBytes(3 * mebibyte);
	for (const status of [503, 500, 429]) {
		proxy.refuse(status, 3);
		await store(`blobs/${status}`, bytes);
		proxy.refuse(status, 2);
		t.true(bytes.equals(await buffer(await driver.read(`blobs/${status}`))));
	}
});

test.serial('an upload survives a service that stays busy: it goes on from where it stood', async t => {
	const {proxy, driver} = await openWorld(t, {tries: 2});
	const bytes = randomBytes(4 * mebibyte);
	const first = await driver.appendUpload(await driver.createUpload('a'), Readable.from([bytes.subarray(0, mebibyte)]));
	proxy.refuse(503, 1000);
	const rest = () => Readable.from([bytes.subarray(mebibyte)]);
	const body = rest();
	t.is(driver.classify(await t.throwsAsync(driver.appendUpload(first, body))), 'unavailable');
	t.false(body.destroyed, 'the body is left to its owner');
	t.is(driver.classify(await t.throwsAsync(driver.sealUpload(first))), 'unavailable');
	proxy.calm();
	await driver.sealUpload(await driver.appendUpload(first, rest()));
	t.true(bytes.equals(await buffer(await driver.read('a'))));
});

test.serial('a service that stops and returns is used again by the same driver', async t => {
	const {proxy, driver, store} = await openWorld(t, {tries: 2});
	const bytes = randomBytes(3 * mebibyte);
	await store('a', bytes);
	await proxy.goDown();
	t.is(driver.classify(await t.throwsAsync(driver.check())), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.read('a'))), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.move('a', 'b'))), 'unavailable');
	await proxy.comeBack();
	await driver.move('a', 'b');
	t.true(bytes.equals(await buffer(await driver.read('b'))));
});

test.serial('a reader is told when a service does not come back', async t => {
	const {proxy, driver, store} = await openWorld(t, {tries: 1});
	await store('a', randomBytes(8 * mebibyte));
	const stream = await driver.read('a');
	proxy.plan({kind: 'cut', direction: 'down', after: 900_000});
	const reading = buffer(stream);
	await t.throwsAsync(async () => {
		await Promise.all([reading, proxy.goDown()]);
	});
	t.is(driver.classify(stream.errored), 'unavailable');
});

test.serial('an append that ends early settles at once, and sends nothing more', async t => {
	const {proxy, driver} = await openWorld(t);
	proxy.latency = 50;
	const leave = new AbortController();
	const created = await driver.createUpload('a');
	const append = driver.appendUpload(created, Readable.from([randomBytes(5 * mebibyte)]), {signal: leave.signal});
	setTimeout(() => leave.abort(new Error('left')), 100);
	await t.throwsAsync(append);
	proxy.calm();
	await driver.abortUpload(created);
	t.is(await driver.stat('a'), undefined);
});
