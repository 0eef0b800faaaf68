import {createHash, randomBytes} from 'node:crypto';
import {readFile, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {setTimeout as sleep} from 'node:timers/promises';
import {Storage, type UploadState} from '@stowage/core';
import {FaultProxy} from '@stowage/test-servers';
import {SftpServer, type SftpServerOptions} from '@stowage/test-servers/sftp';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import type {SftpOptions} from './options.ts';
import {sftpDriver} from './sftp-driver-type.ts';

const mebibyte = 1024 * 1024;

test.serial('an append whose server is killed rejects, and can be made again with other bytes', async t => {
	const {server, storage} = await makeWorld(t);
	const first = await storage.appendUpload(await storage.createUpload('a/upload'), bodyOf(Buffer.from('kept')));
	const broken = storage.appendUpload(first, killing(server, randomBytes(8 * mebibyte)));
	await t.throwsAsync(broken, {code: 'unavailable'});
	const second = await storage.appendUpload(first, bodyOf(Buffer.from(' and sent again')));
	await storage.sealUpload(second);
	t.is((await buffer(await storage.read('a/upload'))).toString(), 'kept and sent again');
	t.deepEqual(await readdir(join(server.folder, 'root/a')), ['upload']);
});

test.serial('an upload whose append broke can be sealed as it stood, or aborted without leaving anything', async t => {
	const {server, storage} = await makeWorld(t);
	for (const key of ['sealed', 'aborted']) {
		const state = await storage.appendUpload(await storage.createUpload(key), bodyOf(Buffer.from('kept')));
		await t.throwsAsync(storage.appendUpload(state, killing(server, randomBytes(3 * mebibyte))), {code: 'unavailable'});
		await (key === 'sealed' ? storage.sealUpload(state) : storage.abortUpload(state));
	}
	t.deepEqual(await readdir(join(server.folder, 'root')), ['sealed']);
	t.is(await readFile(join(server.folder, 'root/sealed'), 'utf8'), 'kept');
});

test.serial('what a lost connection left at the server never gets into what is stored afterwards', async t => {
	const {server, storage} = await makeWorld(t, {timeoutSeconds: 1, connections: 1});
	const first = await storage.appendUpload(await storage.createUpload('upload'), bodyOf(Buffer.from('kept')));
	const pausing = async function* () {
		await sleep(200);
		await server.pauseSessions();
		yield randomBytes(30_000);
	};
	await t.throwsAsync(storage.appendUpload(first, Readable.from(pausing(), {objectMode: false})), {
		code: 'unavailable',
	});
	await storage.sealUpload(await storage.appendUpload(first, bodyOf(Buffer.from(' and short'))));
	await storage.close();
	await server.resumeSessions();
	t.is(await readFile(join(server.folder, 'root/upload'), 'utf8'), 'kept and short');
});

test.serial('a read goes on with another connection when the server kills the first', async t => {
	const {server, storage} = await makeWorld(t);
	const bytes = randomBytes(24 * mebibyte + 17);
	await store(storage, 'object', bytes);
	const hash = createHash('sha256');
	let [received, kills] = [0, 0];
	for await (const chunk of await storage.read('object', {range: {start: 5, end: bytes.length}})) {
		hash.update(chunk as Buffer);
		received += (chunk as Buffer).length;
		if (kills < 3 && received > (kills + 1) * 6 * mebibyte) {
			kills += 1;
			await server.killSessions();
		}
	}
	t.is(kills, 3);
	t.is(hash.digest('hex'), createHash('sha256').update(bytes.subarray(5)).digest('hex'));
});

test.serial('a server that is down is unavailable, and used again once it is back', async t => {
	const {server, storage} = await makeWorld(t);
	await store(storage, 'object', Buffer.from('bytes'));
	await server.stop();
	await t.throwsAsync(storage.stat('object'), {code: 'unavailable'});
	await t.throwsAsync(storage.check(), {code: 'unavailable'});
	await t.throwsAsync(storage.createUpload('other'), {code: 'unavailable'});
	await server.start();
	await storage.check();
	t.is((await buffer(await storage.read('object'))).toString(), 'bytes');
});

test.serial('a call during a restart of the server waits for it', async t => {
	const {server, storage} = await makeWorld(t);
	await store(storage, 'object', Buffer.from('bytes'));
	await server.stop();
	const found = storage.stat('object');
	await sleep(300);
	await server.start();
	t.is((await found)?.size, 5);
});

test.serial('a connection that does not answer any more is given up for another', async t => {
	const {server, storage} = await makeWorld(t, {timeoutSeconds: 1, connections: 1});
	await store(storage, 'object', Buffer.from('bytes'));
	await server.pauseSessions();
	const started = performance.now();
	t.is((await storage.stat('object'))?.size, 5);
	t.true(performance.now() - started < 30_000);
	await server.resumeSessions();
});

test.serial('a call that waits for a connection ends at once when its signal aborts', async t => {
	const {server, storage} = await makeWorld(t, {connections: 1});
	await server.killSessions();
	await server.pauseListening(true);
	const started = performance.now();
	await t.throwsAsync(storage.stat('object', {signal: AbortSignal.timeout(500)}), {name: 'TimeoutError'});
	t.true(performance.now() - started < 10_000);
	await server.pauseListening(false);
	await storage.check();
});

for (const direction of ['up', 'down'] as const) {
	test.serial(`a network that cuts or stalls what goes ${direction} does no harm`, async t => {
		const {proxy, storage} = await makeWorldBehindProxy(t, {timeoutSeconds: 1});
		const bytes = randomBytes(6 * mebibyte + 3);
		for (const kind of ['cut', 'stall'] as const) {
			const key = `${direction}-${kind}`;
			const created = await storage.createUpload(key);
			if (direction === 'up') {
				proxy.plan({kind, direction, after: 2 * mebibyte});
				await t.throwsAsync(storage.appendUpload(created, bodyOf(bytes)), {code: 'unavailable'});
			}
			await storage.sealUpload(await storage.appendUpload(created, bodyOf(bytes)));
			if (direction === 'down') {
				proxy.plan({kind, direction, after: 2 * mebibyte, times: 2});
			}
			t.true(bytes.equals(await buffer(await storage.read(key))), key);
		}
		t.is(proxy.happened, direction === 'up' ? 2 : 4);
	});
}

test.serial('a slow network is waited for', async t => {
	const {proxy, storage} = await makeWorldBehindProxy(t, {});
	proxy.latency = 30;
	const bytes = randomBytes(3 * mebibyte);
	await store(storage, 'deep/down/object', bytes);
	await storage.move('deep/down/object', 'other/object');
	t.true(bytes.equals(await buffer(await storage.read('other/object'))));
	await storage.delete('other/object');
});

test.serial('a hundred uploads at once share few connections without a warning', async t => {
	const {server, storage} = await makeWorld(t, {connections: 2});
	const warnings: Error[] = [];
	const note = (warning: Error) => warnings.push(warning);
	process.on('warning', note);
	t.teardown(() => process.off('warning', note));
	const contents = Array.from({length: 100}, (_, index) => randomBytes(100_000 + index));
	await Promise.all(contents.map((bytes, index) => store(storage, `many/${index}`, bytes)));
	t.true((await server.connections()) <= 2);
	for (const [index, bytes] of contents.entries()) {
		t.true(bytes.equals(await readFile(join(server.folder, `root/many/${index}`))));
	}
	t.deepEqual(warnings, []);
});

test.serial('streams that are left early leave no file open at the server', async t => {
	const {server, storage} = await makeWorld(t);
	await store(storage, 'object', randomBytes(4 * mebibyte));
	for (let turn = 0; turn < 50; turn += 1) {
		const stream = await storage.read('object');
		if (turn % 2 === 0) {
			for await (const chunk of stream) {
				t.true((chunk as Buffer).length > 0);
				break;
			}
		}
		stream.destroy();
	}
	await storage.check();
	await sleep(200);
	t.deepEqual(await server.openFiles(), []);
});

test.serial('a full disk is told as one, and there is room again once the upload is aborted', async t => {
	const {storage} = await makeWorld(t, {connections: 1}, {diskSize: '4m'});
	const created = await storage.createUpload('large');
	await t.throwsAsync(storage.appendUpload(created, bodyOf(randomBytes(8 * mebibyte))), {code: 'full'});
	await storage.abortUpload(created);
	await store(storage, 'small', randomBytes(mebibyte));
	t.is((await storage.stat('small'))?.size, mebibyte);
});

test.serial('a failed write ends an append whose body stalls', async t => {
	const {storage} = await makeWorld(t, {connections: 1}, {diskSize: '4m'});
	const body = Readable.from(stallingAfter(randomBytes(8 * mebibyte)), {objectMode: false});
	await t.throwsAsync(storage.appendUpload(await storage.createUpload('large'), body), {code: 'full'});
	t.false(body.destroyed);
});

test.serial('a folder that may only be read is refused at the start', async t => {
	const server = await startServer(t, {subsystem: 'internal-sftp -R'});
	const options = {...server.storageOptions(), root: server.folder};
	await t.throwsAsync(sftpDriver.create(options, context), {message: /cannot use the folder .*Permission denied/});
});

test.serial('a server without any extension serves as well', async t => {
	const names = 'posix-rename,statvfs,fstatvfs,hardlink,fsync,lsetstat,limits,expand-path,copy-data';
	const {server, storage} = await makeWorld(t, {durable: true}, {subsystem: `internal-sftp -P ${names}`});
	const bytes = randomBytes(3 * mebibyte);
	const first = await storage.appendUpload(await storage.createUpload('upload'), bodyOf(bytes));
	await t.throwsAsync(storage.appendUpload(first, killing(server, randomBytes(3 * mebibyte))), {code: 'unavailable'});
	await storage.sealUpload(await storage.appendUpload(first, bodyOf(bytes)));
	await storage.move('upload', 'folder/object');
	t.true(Buffer.concat([bytes, bytes]).equals(await buffer(await storage.read('folder/object'))));
	t.deepEqual(await readdir(join(server.folder, 'root')), ['folder']);
});

test.serial('files and folders have the modes of the options', async t => {
	const {server, storage} = await makeWorld(t, {fileMode: '0600', folderMode: '0700', durable: true});
	await store(storage, 'folder/object', Buffer.from('x'));
	t.is((await stat(join(server.folder, 'root/folder'))).mode & 0o777, 0o700);
	t.is((await stat(join(server.folder, 'root/folder/object'))).mode & 0o777, 0o600);
});

const context = {name: 'remote', logger: silentLogger};

async function startServer(t: ExecutionContext, options?: SftpServerOptions): Promise<SftpServer> {
	const server = await SftpServer.start(options);
	t.teardown(() => server.close());
	return server;
}

async function makeWorld(t: ExecutionContext, options: Partial<SftpOptions> = {}, serverOptions?: SftpServerOptions) {
	const server = await startServer(t, serverOptions);
	return {server, storage: await openStorage(t, {...server.storageOptions(), ...options})};
}

async function makeWorldBehindProxy(t: ExecutionContext, options: Partial<SftpOptions>) {
	const server = await startServer(t);
	const proxy = await FaultProxy.start(server);
	t.teardown(() => proxy.close());
	const storage = await openStorage(t, {...server.storageOptions(), ...options, port: proxy.port});
	return {server, proxy, storage};
}

async function openStorage(t: ExecutionContext, options: SftpOptions): Promise<Storage> {
	const storage = new Storage('remote', await sftpDriver.create(options, context));
	t.teardown(() => storage.close());
	return storage;
}

async function store(storage: Storage, key: string, bytes: Buffer): Promise<void> {
	const created: UploadState = await storage.createUpload(key);
	await storage.sealUpload(await storage.appendUpload(created, bodyOf(bytes)));
}

function bodyOf(bytes: Buffer): Readable {
	return Readable.from([bytes], {objectMode: false});
}

/** Gives the bytes, and kills what serves them when half of them are given. */
function killing(server: SftpServer, bytes: Buffer): Readable {
	const half = Math.floor(bytes.length / 2);
	const give = async function* () {
		yield bytes.subarray(0, half);
		await sleep(50);
		await server.killSessions();
		yield bytes.subarray(half);
	};
	return Readable.from(give(), {objectMode: false});
}

async function* stallingAfter(bytes: Buffer) {
	yield bytes;
	await sleep(60_000, undefined, {ref: false});
}
