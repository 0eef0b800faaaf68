import {Readable} from 'node:stream';
import test from 'ava';
import {createMemoryBackend, createMemoryDriver, memoryDriver} from './memory-driver.ts';

const silent = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};

test('drivers on one backend see the same objects, others see none of them', async t => {
	const backend = createMemoryBackend();
	const [one, two] = [createMemoryDriver(backend), createMemoryDriver(backend)];
	await one.sealUpload(await one.createUpload('object'));
	t.is((await two.stat('object'))?.size, 0);
	t.is(await createMemoryDriver().stat('object'), undefined);
});

test('the driver type makes a driver with a backend of its own', async t => {
	const context = {name: 'memory', logger: silent};
	const [one, two] = [await memoryDriver.create({}, context), await memoryDriver.create({}, context)];
	await one.sealUpload(await one.createUpload('object'));
	t.is((await one.stat('object'))?.size, 0);
	t.is(await two.stat('object'), undefined);
	t.is(memoryDriver.type, 'memory');
});

test('a producer may use its buffer again', async t => {
	const driver = createMemoryDriver();
	const buffer = Buffer.from('first');
	const reuse = function* () {
		yield buffer;
		buffer.fill('x');
		yield Buffer.from('second');
	};
	const state = await driver.appendUpload(await driver.createUpload('a'), Readable.from(reuse(), {objectMode: false}));
	await driver.sealUpload(state);
	t.is(Buffer.concat((await (await driver.read('a')).toArray()) as Buffer[]).toString(), 'firstsecond');
});
