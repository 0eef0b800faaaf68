import {mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {Storage} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {filesystemDriver} from './filesystem-driver-type.ts';

test('a folder that is a link out of the root is refused by every call', async t => {
	const {root, outside, storage} = await makeStorage(t);
	await writeFile(join(outside, 'secret'), 'secret');
	await symlink(outside, join(root, 'out'));
	for (const key of ['out/secret', 'out/deep/secret']) {
		await t.throwsAsync(storage.createUpload(key), {code: 'denied'});
	}
	await t.throwsAsync(storage.read('out/secret'), {code: 'denied'});
	await t.throwsAsync(storage.stat('out/secret'), {code: 'denied'});
	await t.throwsAsync(storage.delete('out/secret'), {code: 'denied'});
	await t.throwsAsync(storage.abortUpload({key: 'out/secret', offset: 0}), {code: 'denied'});
	await t.throwsAsync(storage.sealUpload({key: 'out/secret', offset: 0}), {code: 'denied'});
	await t.throwsAsync(storage.appendUpload({key: 'out/secret', offset: 0}, Readable.from([])), {code: 'denied'});
	await t.throwsAsync(storage.move('out/secret', 'stolen'), {code: 'denied'});
	await store(storage, 'mine', 'mine');
	await t.throwsAsync(storage.move('mine', 'out/mine'), {code: 'denied'});
	t.deepEqual(await readdir(outside), ['secret']);
	t.is(await readFile(join(outside, 'secret'), 'utf8'), 'secret');
});

test('a file that is a link is no object, and is never written through', async t => {
	const {root, outside, storage} = await makeStorage(t);
	await writeFile(join(outside, 'secret'), 'secret');
	await symlink(join(outside, 'secret'), join(root, 'link'));
	await symlink(join(outside, 'secret'), join(root, 'upload~part'));
	t.is(await storage.stat('link'), undefined);
	await t.throwsAsync(storage.read('link'), {code: 'denied'});
	await t.throwsAsync(storage.createUpload('upload'), {code: 'denied'});
	await t.throwsAsync(storage.appendUpload({key: 'upload', offset: 0}, Readable.from([Buffer.from('x')])), {
		code: 'denied',
	});
	t.deepEqual(await keysOf(storage, ''), []);
	await storage.delete('link');
	t.is(await readFile(join(outside, 'secret'), 'utf8'), 'secret');
});

test('a list does not walk through links', async t => {
	const {root, outside, storage} = await makeStorage(t);
	await writeFile(join(outside, 'secret'), 'secret');
	await symlink(outside, join(root, 'out'));
	await store(storage, 'in/one', 'one');
	t.deepEqual(await keysOf(storage, ''), ['in/one']);
	await t.throwsAsync(keysOf(storage, 'out/'), {code: 'denied'});
});

test('a folder that is a link to a place below the root is followed', async t => {
	const {root, storage} = await makeStorage(t);
	await mkdir(join(root, 'real'));
	await symlink(join(root, 'real'), join(root, 'alias'));
	await store(storage, 'alias/one', 'one');
	t.is(await readFile(join(root, 'real/one'), 'utf8'), 'one');
});

test('the root itself may be a link', async t => {
	const {root, outside} = await makeStorage(t);
	const link = join(root, 'link');
	await symlink(outside, link);
	const driver = await filesystemDriver.create(optionsOf(link), context);
	const storage = new Storage('linked', driver);
	await store(storage, 'a/b', 'bytes');
	t.is(await readFile(join(outside, 'a/b'), 'utf8'), 'bytes');
});

test('no key leads out of the root', async t => {
	const {root, outside, storage} = await makeStorage(t);
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
	t.deepEqual(await readdir(outside), []);
});

test('an upload whose file has lost bytes is refused rather than filled with zeros', async t => {
	const {root, storage} = await makeStorage(t);
	const state = await storage.appendUpload(
		await storage.createUpload('upload'),
		Readable.from([Buffer.from('0123456789')]),
	);
	await truncate(join(root, 'upload~part'), 4);
	await t.throwsAsync(storage.appendUpload(state, Readable.from([Buffer.from('x')])), {code: 'not-found'});
	await t.throwsAsync(storage.sealUpload(state), {code: 'not-found'});
	t.is(await storage.stat('upload'), undefined);
});

test('an object that is shorter than the wanted range is refused before there is a stream', async t => {
	const {storage} = await makeStorage(t);
	await store(storage, 'object', '0123456789');
	await t.throwsAsync(storage.read('object', {range: {start: 5, end: 11}}), {code: 'not-found'});
	t.is((await buffer(await storage.read('object', {range: {start: 5, end: 10}}))).toString(), '56789');
});

test('files and folders have the modes of the options', async t => {
	const {root} = await makeStorage(t);
	const driver = await filesystemDriver.create({...optionsOf(root), fileMode: '0600', folderMode: '0700'}, context);
	await store(new Storage('modes', driver), 'folder/object', 'x');
	t.is((await stat(join(root, 'folder'))).mode & 0o777, 0o700);
	t.is((await stat(join(root, 'folder/object'))).mode & 0o777, 0o600);
});

test('empty folders go with their last object, those directly below the root stay', async t => {
	const {root, storage} = await makeStorage(t);
	await store(storage, 'blobs/sha256/ab/one', 'one');
	await store(storage, 'blobs/sha256/cd/two', 'two');
	await storage.delete('blobs/sha256/ab/one');
	t.deepEqual(await readdir(join(root, 'blobs/sha256')), ['cd']);
	await storage.delete('blobs/sha256/cd/two');
	t.deepEqual(await readdir(root), ['blobs']);
	t.deepEqual(await readdir(join(root, 'blobs')), []);
});

test('objects are published while the folder they go to is emptied again and again', async t => {
	const {storage} = await makeStorage(t);
	const publish = async (name: string) => {
		for (let turn = 0; turn < 60; turn += 1) {
			await store(storage, `uploads/${name}/${turn}`, name);
			await storage.move(`uploads/${name}/${turn}`, `blobs/deep/folder/${name}`);
			await storage.delete(`blobs/deep/folder/${name}`);
		}
	};
	await t.notThrowsAsync(Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(publish)));
	t.deepEqual(await keysOf(storage, ''), []);
});

test('check fails when the root was replaced, as by an unmounted disk', async t => {
	const {root, storage} = await makeStorage(t);
	await storage.check();
	await rename(root, `${root}.away`);
	t.teardown(() => rm(`${root}.away`, {recursive: true, force: true}));
	await t.throwsAsync(storage.check(), {code: 'not-found'});
	await mkdir(root);
	await t.throwsAsync(storage.check(), {code: 'denied'});
});

interface World {
	readonly root: string;
	readonly outside: string;
	readonly storage: Storage;
}

async function makeStorage(t: ExecutionContext): Promise<World> {
	const root = await mkdtemp(join(tmpdir(), 'stowage-root-'));
	const outside = await mkdtemp(join(tmpdir(), 'stowage-outside-'));
	t.teardown(() => rm(root, {recursive: true, force: true}));
	t.teardown(() => rm(outside, {recursive: true, force: true}));
	return {root, outside, storage: new Storage('files', await filesystemDriver.create(optionsOf(root), context))};
}

function optionsOf(root: string) {
	return {root, durable: false, fileMode: '0640', folderMode: '0750'};
}

const silent = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};
const context = {name: 'files', logger: silent};

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
