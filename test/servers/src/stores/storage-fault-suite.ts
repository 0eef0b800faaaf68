import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import type {StorageDriver} from '@stowage/core';
import type {ExecutionContext, SerialFn, TestFn} from 'ava';
import {FaultProxy} from '../fault-proxy.ts';

const mebibyte = 1024 * 1024;

export interface FaultLimits {
	readonly tries: number;
	readonly timeoutSeconds: number;
}

/** A bucket or container of its own. */
export interface ServiceUnderFaults {
	readonly endpoint: string;
	/** Opens a driver on it that reaches it at another address. */
	readonly open: (endpoint: string, limits: FaultLimits) => Promise<StorageDriver>;
}

export interface StorageFaultSuiteOptions {
	readonly test: TestFn | SerialFn;
	readonly service: (t: ExecutionContext) => Promise<ServiceUnderFaults>;
	/** An upload that the driver sends in pieces, and where its connections are cut. */
	readonly cuts: {readonly bytes: number; readonly after: number; readonly times: number};
}

/** What a driver of a service reached over HTTP makes of a network and a service that fail. */
export function storageFaultSuite({test, service, cuts}: StorageFaultSuiteOptions): void {
	const openWorld = async (t: ExecutionContext, limits: Partial<FaultLimits> = {}) =>
		openFaultWorld(t, service, limits);

	test('pieces arrive whole although connections are cut while they are sent', async t => {
		const {proxy, driver, store} = await openWorld(t);
		const bytes = randomBytes(cuts.bytes);
		proxy.plan({kind: 'cut', direction: 'up', after: cuts.after, times: cuts.times});
		await store('a', bytes);
		t.is(proxy.happened, cuts.times);
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
		t.is(driver.classify(await t.throwsAsync(driver.stat('a'))), 'unavailable');
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

	for (const [status, code] of [
		[403, 'denied'],
		[507, 'full'],
	] as const) {
		test(`a service that answers ${status} is ${code}, and used again once it does not`, async t => {
			const {proxy, driver, store} = await openWorld(t);
			const bytes = randomBytes(cuts.bytes);
			await store('a', bytes);
			const start = Readable.from([bytes.subarray(0, mebibyte)]);
			const first = await driver.appendUpload(await driver.createUpload('b'), start);
			const rest = () => driver.appendUpload(first, Readable.from([bytes.subarray(mebibyte)]));
			proxy.refuse(status, Number.POSITIVE_INFINITY);
			const calls = [
				() => driver.check(),
				() => driver.stat('a'),
				() => driver.read('a'),
				() => driver.move('a', 'c'),
				() => driver.delete('a'),
				rest,
				() => driver.sealUpload(first),
			];
			for (const call of calls) {
				t.is(driver.classify(await t.throwsAsync<Error>(call)), code, String(call));
			}
			proxy.calm();
			await driver.sealUpload(await rest());
			await driver.move('a', 'c');
			for (const key of ['b', 'c']) {
				t.true(bytes.equals(await buffer(await driver.read(key))));
			}
		});
	}

	test('an upload survives a service that stays busy: it goes on from where it stood', async t => {
		const {proxy, driver} = await openWorld(t, {tries: 2});
		const bytes = randomBytes(4 * mebibyte);
		const start = Readable.from([bytes.subarray(0, mebibyte)]);
		const first = await driver.appendUpload(await driver.createUpload('a'), start);
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
		await t.throwsAsync(Promise.all([buffer(stream), proxy.goDown()]));
		t.is(driver.classify(stream.errored), 'unavailable');
	});

	test('an append that ends early settles, and leaves nothing when its upload is aborted', async t => {
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

	test('latency costs time and nothing else', async t => {
		const {proxy, driver, store} = await openWorld(t);
		const bytes = randomBytes(2 * mebibyte + 1);
		proxy.latency = 30;
		await store('a', bytes);
		await driver.move('a', 'b');
		t.true(bytes.equals(await buffer(await driver.read('b'))));
	});
}

/** A driver and the proxy between it and its service. */
async function openFaultWorld(
	t: ExecutionContext,
	service: StorageFaultSuiteOptions['service'],
	{tries = 4, timeoutSeconds = 30}: Partial<FaultLimits>,
) {
	const {endpoint, open} = await service(t);
	const url = new URL(endpoint);
	const proxy = await FaultProxy.start({host: url.hostname, port: Number(url.port)});
	t.teardown(() => proxy.close());
	url.port = String(proxy.port);
	const driver = await open(url.href, {tries, timeoutSeconds});
	t.teardown(() => driver.close());
	const store = async (key: string, bytes: Buffer) => {
		await driver.sealUpload(await driver.appendUpload(await driver.createUpload(key), Readable.from([bytes])));
	};
	return {proxy, driver, store};
}
