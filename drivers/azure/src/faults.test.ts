import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import type {StorageDriver} from '@stowage/core';
import {FaultProxy} from '@stowage/test-servers';
import {azureContainers} from '@stowage/test-servers/azure-containers';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {azureDriver} from './azure-driver-type.ts';

const mebibyte = 1024 * 1024;
const newContainer = azureContainers();

interface World {
	readonly proxy: FaultProxy;
	readonly driver: StorageDriver;
	/** Stores an object and tells whether it came to be as it should. */
	readonly store: (key: string, bytes: Buffer) => Promise<void>;
}

async function openWorld(t: ExecutionContext, {tries = 4, timeoutSeconds = 30} = {}): Promise<World> {
	const made = await newContainer();
	t.teardown(() => made.remove());
	const {endpoint, account, accountKey, container} = made;
	const url = new URL(endpoint);
	const proxy = await FaultProxy.start({host: url.hostname, port: Number(url.port)});
	url.port = String(proxy.port);
	const options = {prefix: '', blockMebibytes: 1, parallelBlocks: 3, timeoutSeconds, tries};
	const driver = await azureDriver.create(
		{...options, endpoint: url.href, account, accountKey, container},
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

test('blocks arrive whole although connections are cut while they are sent', async t => {
	const {proxy, driver, store} = await openWorld(t);
	const bytes = randomBytes(8 * mebibyte + 5);
	proxy.plan({kind: 'cut', direction: 'up', after: 700_000, times: 4});
	await store('a', bytes);
	t.is(proxy.happened, 4);
	t.true(bytes.equals(await buffer(await driver.read('a'))));
});

test('a download goes on where its connection was cut', async t => {
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

test('a download goes on when the service falls silent', async t => {
	const {proxy, driver, store} = await openWorld(t, {timeoutSeconds: 3});
	const bytes = randomBytes(2 * mebibyte);
	await store('a', bytes);
	proxy.plan({kind: 'stall', direction: 'down', after: 900_000});
	t.true(bytes.equals(await buffer(await driver.read('a'))));
});

test('a service that is silent is unavailable, and not waited for', async t => {
	const {proxy, driver, store} = await openWorld(t, {timeoutSeconds: 2, tries: 2});
	await store('a', Buffer.from('a'));
	proxy.plan({kind: 'stall', direction: 'up', after: 0, times: 10});
	const error = await t.throwsAsync(driver.stat('a'));
	t.is(driver.classify(error), 'unavailable');
	proxy.calm();
	t.is((await driver.stat('a'))?.size, 1);
});

test('a busy service is asked again', async t => {
	const {proxy, driver, store} = await openWorld(t, {tries: 7});
	const bytes = randomBytes(3 * mebibyte);
	for (const status of [503, 500, 429]) {
		proxy.refuse(status, 3);
		await store(`blobs/${status}`, bytes);
		proxy.refuse(status, 2);
		t.true(bytes.equals(await buffer(await driver.read(`blobs/${status}`))));
	}
});

test('an upload survives a service that stays busy: it goes on from where it stood', async t => {
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

test('a service that stops and returns is used again by the same driver', async t => {
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

test('a reader is told when a service does not come back', async t => {
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

test('latency costs time and nothing else', async t => {
	const {proxy, driver, store} = await openWorld(t);
	const bytes = randomBytes(2 * mebibyte + 1);
	proxy.latency = 30;
	await store('a', bytes);
	await driver.move('a', 'b');
	t.true(bytes.equals(await buffer(await driver.read('b'))));
});

test('a container that is not there is trouble, and no missing object', async t => {
	const made = await newContainer();
	const {endpoint, account, accountKey, container} = made;
	const options = {prefix: '', blockMebibytes: 1, parallelBlocks: 3, timeoutSeconds: 30, tries: 2};
	const driver = await azureDriver.create(
		{...options, endpoint, account, accountKey, container},
		{name: 'cloud', logger: silentLogger},
	);
	t.teardown(() => driver.close());
	await made.remove();
	t.is(driver.classify(await t.throwsAsync(driver.stat('a'))), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.read('a'))), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.check())), 'unavailable');
});
