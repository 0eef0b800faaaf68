import {mkdir, readFile, readdir, rename, rm, symlink, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {Storage} from '@stowage/core';
import {SftpServer} from '@stowage/test-servers/sftp';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {sftpDriver} from './sftp-driver-type.ts';

test('a folder that is a link is refused by every call, wherever it leads', async t => {
	const {root, outside, storage} = await makeWorld(t);
	await mkdir(join(root, 'inside'));
	await symlink(join(root, 'inside'), join(root, 'alias'));
	await symlink(outside, join(root, 'out'));
	for (const key of ['out/secret', 'out/deep/secret', 'alias/object']) {
		const state = {key, offset: 0};
		await t.throwsAsync(storage.createUpload(key), {code: 'denied'}, key);
		await t.throwsAsync(storage.read(key), {code: 'denied'}, key);
		await t.throwsAsync(storage.stat(key), {code: 'denied'}, key);
		await t.throwsAsync(storage.delete(key), {code: 'denied'}, key);
		await t.throwsAsync(storage.appendUpload(state, Readable.from([])), {code: 'denied'}, key);
		await t.throwsAsync(storage.sealUpload(state), {code: 'denied'}, key);
		await t.throwsAsync(storage.abortUpload(state), {code: 'denied'}, key);
		await t.throwsAsync(storage.move(key, 'stolen'), {code: 'denied'}, key);
	}
	await store(storage, 'mine', 'mine');
	await t.throwsAsync(storage.move('mine', 'out/mine'), {code: 'denied'});
	t.deepEqual(await readdir(outside), ['secret']);
	t.is(await readFile(join(outside, 'secret'), 'utf8'), 'secret');
});

test('a file that is a link is no object, and is never written through', async t => {
	const {root, outside, storage} = await makeWorld(t);
	const secret = join(outside, 'secret');
	await symlink(secret, join(root, 'link'));
	await symlink(secret, join(root, 'upload~part0'));
	await symlink(secret, join(root, 'other~part1'));
	t.is(await storage.stat('link'), undefined);
	await t.throwsAsync(storage.read('link'), {code: 'denied'});
	for (const key of ['upload', 'other']) {
		const state = {key, offset: 0};
		await t.throwsAsync(storage.appendUpload(state, Readable.from([Buffer.from('x')])), {code: 'denied'});
		await t.throwsAsync(storage.sealUpload(state), {code: 'denied'});
	}
	await storage.createUpload('upload');
	t.deepEqual(await keysOf(storage, ''), []);
	await storage.delete('link');
	t.is(await readFile(secret, 'utf8'), 'secret');
});

test('a list does not walk through links', async t => {
	const {root, outside, storage} = await makeWorld(t);
	await symlink(outside, join(root, 'out'));
	await store(storage, 'in/one', 'one');
	t.deepEqual(await keysOf(storage, ''), ['in/one']);
	await t.throwsAsync(keysOf(storage, 'out/'), {code: 'denied'});
});

test('the root itself may be a link', async t => {
	const {server, root, outside} = await makeWorld(t);
	await symlink(outside, join(root, 'link'));
	const storage = await openStorage(t, server, join(root, 'link'));
	await store(storage, 'a/b', 'bytes');
	t.is(await readFile(join(outside, 'a/b'), 'utf8'), 'bytes');
});

test('a root that is a file, or below one, is refused', async t => {
	const {server, outside} = await makeWorld(t);
	for (const root of [join(outside, 'secret'), join(outside, 'secret/below')]) {
		await t.throwsAsync(openStorage(t, server, root), {message: /cannot use the folder .*secret/});
	}
});

test('no key leads out of the root', async t => {
	const {root, outside, storage} = await makeWorld(t);
	for (const key of [
		'../x',
		'a/../../x',
		'/etc/passwd',
		'a//b',
		'./a',
		'a/..',
		'',
		'a\0b',
		'A',
		'a\\..\\b',
		'%2e%2e/x',
	]) {
		await t.throwsAsync(storage.createUpload(key), {instanceOf: TypeError}, key);
		await t.throwsAsync(storage.read(key), {instanceOf: TypeError}, key);
		await t.throwsAsync(storage.delete(key), {instanceOf: TypeError}, key);
	}
	t.deepEqual(await readdir(root), []);
	t.deepEqual(await readdir(outside), ['secret']);
});

test('an upload whose file has lost bytes is refused rather than filled with zeros', async t => {
	const {root, storage} = await makeWorld(t);
	const body = Readable.from([Buffer.from('0123456789')]);
	const state = await storage.appendUpload(await storage.createUpload('upload'), body);
	await truncate(join(root, 'upload~part1'), 4);
	await t.throwsAsync(storage.appendUpload(state, Readable.from([Buffer.from('x')])), {code: 'not-found'});
	await t.throwsAsync(storage.sealUpload(state), {code: 'not-found'});
	t.is(await storage.stat('upload'), undefined);
});

test('an upload whose file has more bytes than its state is cut', async t => {
	const {root, storage} = await makeWorld(t);
	const state = await storage.createUpload('upload');
	await writeFile(join(root, 'upload~part0'), 'from nowhere');
	await storage.sealUpload(await storage.appendUpload(state, Readable.from([Buffer.from('bytes')])));
	t.is(await readFile(join(root, 'upload'), 'utf8'), 'bytes');
});

test('an object that is shorter than the wanted range is refused before there is a stream', async t => {
	const {storage} = await makeWorld(t);
	await store(storage, 'object', '0123456789');
	await t.throwsAsync(storage.read('object', {range: {start: 5, end: 11}}), {code: 'not-found'});
	t.is((await buffer(await storage.read('object', {range: {start: 5, end: 10}}))).toString(), '56789');
});

test('an object that is cut while it is read ends its stream with an error', async t => {
	const {root, storage} = await makeWorld(t);
	await store(storage, 'object', 'x'.repeat(8_000_000));
	const stream = await storage.read('object');
	await truncate(join(root, 'object'), 1_000_000);
	await t.throwsAsync(buffer(stream), {code: 'not-found'});
});

test('empty folders go with their last object, those directly below the root stay', async t => {
	const {root, storage} = await makeWorld(t);
	await store(storage, 'blobs/sha256/ab/one', 'one');
	await store(storage, 'blobs/sha256/cd/two', 'two');
	await storage.delete('blobs/sha256/ab/one');
	t.deepEqual(await readdir(join(root, 'blobs/sha256')), ['cd']);
	await storage.delete('blobs/sha256/cd/two');
	t.deepEqual(await readdir(root), ['blobs']);
	t.deepEqual(await readdir(join(root, 'blobs')), []);
});

test('objects are published while the folder they go to is emptied again and again', async t => {
	const {storage} = await makeWorld(t);
	const publish = async (name: string) => {
		for (let turn = 0; turn < 20; turn += 1) {
			await store(storage, `uploads/${name}/${turn}`, name);
			await storage.move(`uploads/${name}/${turn}`, `blobs/deep/folder/${name}`);
			await storage.delete(`blobs/deep/folder/${name}`);
		}
	};
	await t.notThrowsAsync(Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(publish)));
	t.deepEqual(await keysOf(storage, ''), []);
});

test('check fails when the root has gone', async t => {
	const {root, storage} = await makeWorld(t);
	await storage.check();
	await rename(root, `${root}.away`);
	await t.throwsAsync(storage.check(), {code: 'not-found'});
	await writeFile(root, 'a file');
	await t.throwsAsync(storage.check(), {code: 'denied'});
	await rm(root);
	await rename(`${root}.away`, root);
	await storage.check();
});

async function makeWorld(t: ExecutionContext) {
	const server = await SftpServer.start();
	t.teardown(() => server.close());
	const {root} = server.storageOptions();
	const outside = join(server.folder, 'outside');
	await mkdir(outside);
	await writeFile(join(outside, 'secret'), 'secret');
	return {server, root, outside, storage: await openStorage(t, server, root)};
}

async function openStorage(t: ExecutionContext, server: SftpServer, root: string): Promise<Storage> {
	const options = {...server.storageOptions(), root};
	const storage = new Storage('remote', await sftpDriver.create(options, {name: 'remote', logger: silentLogger}));
	t.teardown(() => storage.close());
	return storage;
}

async function store(storage: Storage, key: string, text: string): Promise<void> {
	const body = Readable.from([Buffer.from(text)], {objectMode: false});
	await storage.sealUpload(await storage.appendUpload(await storage.createUpload(key), body));
}

async function keysOf(storage: Storage, prefix: string): Promise<string[]> {
	const keys: string[] = [];
	for await (const {key} of storage.list(prefix)) {
		keys.push(key);
	}
	return keys;
}
