import {mkdtempSync} from 'node:fs';
import {appendFile, readdir, rm, truncate} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {Storage, type StorageDriver, createMemoryBackend, createMemoryDriver} from '@stowage/core';
import filesystem from '@stowage/filesystem';
import {silentLogger, storageDriverSuite} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {tieredDriver} from './tiered-driver-type.ts';

const mebibyte = 1024 * 1024;
const [filesystemType] = filesystem.storageDrivers ?? [];
const suiteRoot = mkdtempSync(join(tmpdir(), 'stowage-tiered-'));
const suiteBackend = createMemoryBackend();

async function openCache(root: string, durable = true): Promise<StorageDriver> {
	const options = {root, durable, fileMode: '0640', folderMode: '0750'};
	return filesystemType!.create(options, {name: 'fast', logger: silentLogger});
}

async function openTiered(slow: StorageDriver, cache: StorageDriver, maxMebibytes = 4): Promise<StorageDriver> {
	const storages = new Map([
		['slow', new Storage('slow', slow)],
		['fast', new Storage('fast', cache)],
	]);
	const options = {storage: 'slow', cache: 'fast', maxMebibytes};
	return tieredDriver.create(options, {name: 'tiered', logger: silentLogger, storages});
}

storageDriverSuite({
	test: test.serial,
	open: async () => openTiered(createMemoryDriver(suiteBackend), await openCache(suiteRoot)),
	listedObjects: 200,
	memoryGrowth: 512 * mebibyte,
});

test.serial('the suite leaves nothing behind', async t => {
	t.is(suiteBackend.objects.size + suiteBackend.uploads.size, 0);
	const files = (await readdir(suiteRoot, {recursive: true, withFileTypes: true})).filter(entry => entry.isFile());
	t.deepEqual(files, []);
});

test.after.always(() => rm(suiteRoot, {recursive: true, force: true}));

async function store(driver: StorageDriver, key: string, bytes: Buffer): Promise<void> {
	const state = await driver.appendUpload(await driver.createUpload(`uploads/${key}`), Readable.from([bytes]));
	await driver.sealUpload(state);
	await driver.move(`uploads/${key}`, key);
}

async function broken(): Promise<never> {
	throw new Error('the disk is gone');
}

async function openWorld(t: ExecutionContext, maxMebibytes = 4) {
	const root = mkdtempSync(join(tmpdir(), 'stowage-tiered-'));
	t.teardown(() => rm(root, {recursive: true, force: true}));
	const backend = createMemoryBackend();
	let reads = 0;
	const slow = createMemoryDriver(backend);
	const read = slow.read.bind(slow);
	slow.read = async (key, options) => {
		reads += 1;
		return read(key, options);
	};
	const open = async () => {
		const driver = await openTiered(slow, await openCache(root), maxMebibytes);
		// What it still writes to the cache must not come behind the folder that is removed.
		t.teardown(() => driver.close());
		return driver;
	};
	const files = async () =>
		(await readdir(root, {recursive: true, withFileTypes: true}))
			.filter(entry => entry.isFile())
			.map(entry => entry.name)
			.toSorted();
	return {root, backend, slow, open, files, reads: () => reads};
}

test('what is pushed and what is read comes from the cache afterwards, in part too', async t => {
	const {open, reads, backend, files} = await openWorld(t);
	const driver = await open();
	await store(driver, 'a', Buffer.from('pushed'));
	t.is((await buffer(await driver.read('a'))).toString(), 'pushed');
	t.is(reads(), 0);
	backend.objects.set('b', {bytes: Buffer.from('there before'), modifiedAt: new Date()});
	t.is((await buffer(await driver.read('b', {range: {start: 0, end: 5}}))).toString(), 'there');
	t.is((await buffer(await driver.read('b'))).toString(), 'there before');
	t.is(reads(), 2);
	await driver.close();
	t.is((await buffer(await driver.read('b', {range: {start: 6, end: 12}}))).toString(), 'before');
	t.is(reads(), 2);
	t.deepEqual(await files(), ['a.6', 'b.12']);
	const again = await open();
	t.is((await buffer(await again.read('a'))).toString(), 'pushed');
	t.is(reads(), 2);
});

test('the cache stays within its bounds, and keeps what was used last', async t => {
	const {open, files, reads} = await openWorld(t, 1);
	const driver = await open();
	for (const key of ['a', 'b', 'c']) {
		await store(driver, key, Buffer.alloc(300_000, key));
	}
	t.is((await buffer(await driver.read('a'))).length, 300_000);
	await store(driver, 'd', Buffer.alloc(300_000, 'd'));
	t.deepEqual(await files(), ['a.300000', 'c.300000', 'd.300000']);
	t.is(reads(), 0);
	t.is((await buffer(await driver.read('b')))[0], 'b'.charCodeAt(0));
	await driver.close();
	t.deepEqual(await files(), ['a.300000', 'b.300000', 'd.300000']);
	await store(driver, 'e', Buffer.alloc(2 * mebibyte));
	t.deepEqual(await files(), []);
	t.is((await buffer(await driver.read('e'))).length, 2 * mebibyte);
});

test('a reader who leaves leaves nothing in the cache', async t => {
	const {open, backend, files} = await openWorld(t);
	const driver = await open();
	backend.objects.set('a', {bytes: Buffer.alloc(mebibyte, 'a'), modifiedAt: new Date()});
	const stream = await driver.read('a');
	for await (const chunk of stream) {
		t.true((chunk as Buffer).length > 0);
		break;
	}
	await driver.close();
	t.deepEqual(await files(), []);
	t.is((await buffer(await driver.read('a'))).length, mebibyte);
	await driver.close();
	t.deepEqual(await files(), [`a.${mebibyte}`]);
});

test('what of the cache has lost bytes, or got more, is not served but read anew', async t => {
	const {open, root, reads, files} = await openWorld(t);
	const bytes = Buffer.alloc(300_000, 'a');
	const name = join(root, 'a.300000');
	const driver = await open();
	await store(driver, 'a', bytes);
	const damages = [() => truncate(name, 1000), () => truncate(name, 0), () => appendFile(name, 'more'), () => rm(name)];
	for (const [index, damage] of damages.entries()) {
		await damage();
		t.deepEqual(await buffer(await driver.read('a')), bytes);
		await driver.close();
		t.deepEqual(await buffer(await driver.read('a', {range: {start: 299_990, end: 300_000}})), bytes.subarray(-10));
		t.is(reads(), index + 1, 'and is in the cache again');
	}
	await truncate(name, 299_999);
	const again = await open();
	t.deepEqual(await files(), []);
	t.deepEqual(await buffer(await again.read('a')), bytes);
	t.is(reads(), 5);
});

test('what the other storage sends in part, without saying so, does not get into the cache', async t => {
	const {open, slow, backend, files} = await openWorld(t);
	backend.objects.set('a', {bytes: Buffer.from('all of it'), modifiedAt: new Date()});
	slow.read = async () => Readable.from([Buffer.from('all')]);
	const driver = await open();
	t.is((await buffer(await driver.read('a'))).toString(), 'all');
	await driver.close();
	t.deepEqual(await files(), []);
});

test('a cache that forgets what it has acknowledged when its machine crashes is refused', async t => {
	const {root} = await openWorld(t);
	const cache = await openCache(root, false);
	await t.throwsAsync(openTiered(createMemoryDriver(), cache), {message: /`durable: true`/});
});

test('what another process has put into the cache goes with its object', async t => {
	const {open, files} = await openWorld(t);
	const [one, other] = [await open(), await open()];
	await store(one, 'a', Buffer.from('mine'));
	await store(one, 'a.1', Buffer.from('not it'));
	t.deepEqual(await files(), ['a.1.6', 'a.4']);
	await other.delete('a');
	t.deepEqual(await files(), ['a.1.6']);
	await t.throwsAsync(one.read('a'));
});

test('what is read and written past the cache leaves it as it is', async t => {
	const {open, backend, reads, files} = await openWorld(t, 1);
	const driver = await open();
	await store(driver, 'a', Buffer.alloc(600_000, 'a'));
	backend.objects.set('b', {bytes: Buffer.alloc(600_000, 'b'), modifiedAt: new Date()});
	t.is((await buffer(await driver.read('b', {uncached: true}))).length, 600_000);
	const state = await driver.createUpload('uploads/c', {uncached: true});
	await driver.sealUpload(await driver.appendUpload(state, Readable.from([Buffer.alloc(600_000, 'c')])));
	await driver.move('uploads/c', 'c');
	await driver.close();
	t.deepEqual(await files(), ['a.600000']);
	t.is(reads(), 1);
	backend.objects.delete('a');
	await t.throwsAsync(driver.read('a', {uncached: true}), undefined, 'the cache does not answer for the other storage');
});

test('a cache that fails is no trouble for anybody', async t => {
	const {slow, backend} = await openWorld(t);
	const failing = createMemoryDriver();
	const driver = await openTiered(slow, Object.assign(failing, {list: failing.list.bind(failing)}));
	await store(driver, 'a', Buffer.from('first'));
	Object.assign(failing, {
		read: broken,
		delete: broken,
		move: broken,
		createUpload: broken,
		appendUpload: broken,
		sealUpload: broken,
	});
	t.is((await buffer(await driver.read('a'))).toString(), 'first');
	await store(driver, 'b', Buffer.from('second'));
	t.is((await buffer(await driver.read('b'))).toString(), 'second');
	await driver.delete('a');
	t.deepEqual([...backend.objects.keys()], ['b']);
});

test('what a crash left in the middle of an upload to the cache is found and removed', async t => {
	const {open, root, files} = await openWorld(t);
	const driver = await open();
	await driver.appendUpload(await driver.createUpload('uploads/a'), Readable.from([Buffer.from('half')]));
	t.is((await files()).length, 2);
	await driver.close();
	const cache = await openCache(root);
	const list = cache.list.bind(cache);
	const longAgo = new Date(Date.now() - 3 * 86_400_000);
	cache.list = async function* (prefix, options) {
		for await (const object of list(prefix, options)) {
			yield {...object, modifiedAt: longAgo};
		}
	};
	await openTiered(createMemoryDriver(), cache);
	t.deepEqual(await files(), []);
});

test('an upload that began before there was a cache goes on', async t => {
	const {open, slow} = await openWorld(t);
	const state = await slow.appendUpload(await slow.createUpload('a'), Readable.from([Buffer.from('one ')]));
	const driver = await open();
	await driver.sealUpload(await driver.appendUpload(state, Readable.from([Buffer.from('two')])));
	t.is((await buffer(await driver.read('a'))).toString(), 'one two');
});
