import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import test from 'ava';
import type {StorageDriver, StorageErrorCode} from './driver.ts';
import {createMemoryDriver} from './memory-driver.ts';
import {Storage} from './storage.ts';
import {StorageError} from './storage-error.ts';

test('what a driver throws is wrapped once, with storage, operation, key, code and cause', async t => {
	const cause = new Error('socket hang up');
	const storage = new Storage('cold', failing({sealUpload: cause}, 'unavailable'));
	const error = await t.throwsAsync(storage.sealUpload({key: 'uploads/7f', offset: 3, data: {secret: 'hunter2'}}), {
		instanceOf: StorageError,
		code: 'unavailable',
	});
	t.is(error.storage, 'cold');
	t.is(error.operation, 'sealUpload');
	t.is(error.key, 'uploads/7f');
	t.is(error.cause, cause);
	t.is(error.message, 'storage "cold": seal uploads/7f: socket hang up');
	t.false(JSON.stringify(error).includes('hunter2'));
});

test('every call of a failing driver gives a StorageError', async t => {
	const cause = new Error('broken');
	const calls = [
		'check',
		'stat',
		'read',
		'list',
		'move',
		'delete',
		'createUpload',
		'appendUpload',
		'sealUpload',
	] as const;
	for (const call of [...calls, 'abortUpload', 'close'] as const) {
		const storage = new Storage('cold', failing({[call]: cause}, 'denied'));
		const error = await t.throwsAsync(callOf(storage, call), {instanceOf: StorageError, code: 'denied'}, call);
		t.is(error.operation, call);
		t.is(error.cause, cause);
	}
});

test('the error of a storage below another is not wrapped as something unknown', async t => {
	const inner = new Storage('inner', failing({stat: new Error('full')}, 'full'));
	await t.throwsAsync(new Storage('outer', inner).stat('a'), {code: 'full'});
	t.is(inner.classify(new Error('other')), 'full');
});

test('an aborted call rejects with the reason of its signal, whatever the driver throws', async t => {
	const storage = new Storage('cold', failing({stat: new Error('request cancelled')}, 'unavailable'));
	const leave = new AbortController();
	const reason = {left: true};
	const stat = storage.stat('a', {signal: leave.signal}).catch((error: unknown) => error);
	leave.abort(reason);
	t.is(await stat, reason);
	t.is(await storage.stat('a', {signal: leave.signal}).catch((error: unknown) => error), reason);
	const list = storage.list('a', {signal: leave.signal})[Symbol.asyncIterator]();
	t.is(await list.next().catch((error: unknown) => error), reason);
});

test('a body that fails is not taken for a failure of the storage', async t => {
	const storage = new Storage('memory', createMemoryDriver());
	const state = await storage.createUpload('upload');
	const broken = new Error('the client left');
	const body = new Readable({read: () => undefined});
	body.destroy(broken);
	const error = await storage.appendUpload(state, body).catch((error: unknown) => error);
	t.is(error, broken);
	const closed = new Readable({read: () => undefined}).destroy();
	await t.throwsAsync(storage.appendUpload(state, closed), {code: 'ERR_STREAM_PREMATURE_CLOSE'});
});

test('the failure of a driver that destroys the body with it is still one of the storage', async t => {
	const storage = new Storage('cold', {
		...failing({}, 'full'),
		async appendUpload(_state, body) {
			const error = new Error('disk full');
			body.on('error', () => undefined).destroy(error);
			throw error;
		},
	});
	const append = storage.appendUpload({key: 'upload', offset: 0}, Readable.from(['x']));
	await t.throwsAsync(append, {instanceOf: StorageError, code: 'full'});
});

for (const key of [
	'',
	'/',
	'/a',
	'a/',
	'a//b',
	'.',
	'..',
	'../a',
	'a/../b',
	'a/.',
	'A',
	'a b',
	'a\\b',
	'a\0',
	'ä',
	'a~',
]) {
	test(`no driver is asked for the key ${JSON.stringify(key)}`, async t => {
		const storage = new Storage('memory', failing({}));
		const state = {key, offset: 0};
		await t.throwsAsync(storage.stat(key), {instanceOf: TypeError});
		await t.throwsAsync(storage.read(key), {instanceOf: TypeError});
		await t.throwsAsync(storage.move(key, 'a'), {instanceOf: TypeError});
		await t.throwsAsync(storage.move('a', key), {instanceOf: TypeError});
		await t.throwsAsync(storage.delete(key), {instanceOf: TypeError});
		await t.throwsAsync(storage.createUpload(key), {instanceOf: TypeError});
		await t.throwsAsync(storage.appendUpload(state, Readable.from([])), {instanceOf: TypeError});
		await t.throwsAsync(storage.sealUpload(state), {instanceOf: TypeError});
		await t.throwsAsync(storage.abortUpload(state), {instanceOf: TypeError});
	});
}

test('a range has whole bounds, the end beyond the start', async t => {
	const storage = new Storage('memory', createMemoryDriver());
	await storage.sealUpload(await storage.appendUpload(await storage.createUpload('a'), bytes('0123456789')));
	for (const [start, end] of [
		[-1, 5],
		[5, 5],
		[6, 5],
		[0.5, 2],
		[0, 2.5],
		[0, Infinity],
		[NaN, 1],
		[0, NaN],
	] as const) {
		await t.throwsAsync(storage.read('a', {range: {start, end}}), {instanceOf: RangeError}, `${start} to ${end}`);
	}
	t.is((await buffer(await storage.read('a', {range: {start: 2, end: 4}}))).toString(), '23');
});

test('an upload stands at a whole number of bytes', async t => {
	const storage = new Storage('memory', createMemoryDriver());
	for (const offset of [-1, 0.5, NaN, Infinity]) {
		await t.throwsAsync(storage.sealUpload({key: 'a', offset}), {instanceOf: RangeError});
	}
});

test('a list is asked only for prefixes that a key can have', async t => {
	const storage = new Storage('memory', createMemoryDriver());
	for (const prefix of ['', 'a', 'a/', 'a/b', 'a.b/']) {
		t.is(await count(storage.list(prefix)), 0);
	}
	for (const prefix of ['/', '../', 'a/../', 'a//', 'A', '..', 'a/.']) {
		await t.throwsAsync(count(storage.list(prefix)), {instanceOf: TypeError}, prefix);
	}
});

test('signedUrl and localPath are there when the driver has them', async t => {
	const plain = new Storage('memory', createMemoryDriver());
	t.is(plain.signedUrl, undefined);
	t.is(plain.localPath, undefined);
	const able = new Storage('able', {
		...failing({}),
		signedUrl: async key => new URL(`https://objects.example/${key}`),
		localPath: key => `/files/${key}`,
	});
	t.is((await able.signedUrl?.('a', {expiresInSeconds: 5}))?.href, 'https://objects.example/a');
	t.is(able.localPath?.('a/b'), '/files/a/b');
	t.throws(() => able.localPath?.('../a'), {instanceOf: TypeError});
	await t.throwsAsync(async () => able.signedUrl?.('../a', {expiresInSeconds: 5}), {instanceOf: TypeError});
	await t.throwsAsync(async () => able.signedUrl?.('a', {expiresInSeconds: 0}), {instanceOf: RangeError});
});

test('signed addresses can be switched off', t => {
	const driver = {...failing({}), signedUrl: async (key: string) => new URL(`https://objects.example/${key}`)};
	t.is(new Storage('closed', driver, {signedUrls: false}).signedUrl, undefined);
	t.is(typeof new Storage('open', driver, {signedUrls: true}).signedUrl, 'function');
});

test('every call is measured, with bytes for an append and a code for a failure', async t => {
	const seen: unknown[][] = [];
	const observe = (operation: string, milliseconds: number, size?: number, code?: string) => {
		t.true(milliseconds >= 0);
		seen.push([operation, size, code]);
	};
	const storage = new Storage('memory', createMemoryDriver(), {observe});
	const state = await storage.appendUpload(await storage.createUpload('a'), bytes('0123'));
	await storage.appendUpload(state, bytes('456'));
	await t.throwsAsync(storage.read('b'), {code: 'not-found'});
	await count(storage.list(''));
	await t.throwsAsync(storage.appendUpload(state, bytes('').destroy()));
	t.deepEqual(seen, [
		['createUpload', undefined, undefined],
		['appendUpload', 4, undefined],
		['appendUpload', 3, undefined],
		['read', undefined, 'not-found'],
		['list', undefined, undefined],
		['appendUpload', undefined, 'aborted'],
	]);
});

test('the driver gets a limited number of calls at a time, and open streams and appends are not counted', async t => {
	let running = 0;
	let most = 0;
	const memory = createMemoryDriver();
	const driver: StorageDriver = Object.assign(Object.create(memory) as StorageDriver, {
		check: async () => {
			running += 1;
			most = Math.max(most, running);
			await new Promise(resolve => setTimeout(resolve, 5));
			running -= 1;
		},
		read: memory.read.bind(memory),
		createUpload: memory.createUpload.bind(memory),
		appendUpload: memory.appendUpload.bind(memory),
		sealUpload: memory.sealUpload.bind(memory),
	});
	const storage = new Storage('memory', driver, {concurrency: 2});
	await storage.sealUpload(await storage.appendUpload(await storage.createUpload('a'), bytes('0123')));
	const streams = await Promise.all([1, 2, 3].map(() => storage.read('a')));
	const leave = new AbortController();
	const state = await storage.createUpload('b');
	const stalled = [1, 2, 3].map(() =>
		storage.appendUpload(state, new Readable({read: () => undefined}), {signal: leave.signal}),
	);
	await Promise.all(Array.from({length: 10}, () => storage.check()));
	t.is(most, 2);
	leave.abort();
	t.deepEqual(
		(await Promise.allSettled(stalled)).map(({status}) => status),
		['rejected', 'rejected', 'rejected'],
	);
	streams.forEach(stream => stream.destroy());
});

function bytes(text: string): Readable {
	return Readable.from(text === '' ? [] : [Buffer.from(text)], {objectMode: false});
}

async function count(objects: AsyncIterable<unknown>): Promise<number> {
	let seen = 0;
	for await (const object of objects) {
		seen += object === undefined ? 0 : 1;
	}
	return seen;
}

/** A driver of which each call throws what it is told to, and one that it is not told of is a mistake of the test. */
function failing(errors: Readonly<Record<string, Error>>, code: StorageErrorCode = 'unknown'): StorageDriver {
	const fail = async (operation: string): Promise<never> => {
		await Promise.resolve();
		throw errors[operation] ?? new Error(`${operation} was not to be called`);
	};
	return {
		check: () => fail('check'),
		stat: () => fail('stat'),
		read: () => fail('read'),
		// oxlint-disable-next-line require-yield -- a list that fails before its first object
		async *list() {
			await fail('list');
		},
		move: () => fail('move'),
		delete: () => fail('delete'),
		createUpload: () => fail('createUpload'),
		appendUpload: () => fail('appendUpload'),
		sealUpload: () => fail('sealUpload'),
		abortUpload: () => fail('abortUpload'),
		classify: () => code,
		close: () => fail('close'),
	};
}

function callOf(
	storage: Storage,
	call: Exclude<keyof StorageDriver, 'durable' | 'classify' | 'signedUrl' | 'localPath' | 'openFile'>,
) {
	const state = {key: 'a', offset: 0};
	const calls = {
		check: () => storage.check(),
		stat: () => storage.stat('a'),
		read: () => storage.read('a'),
		list: () => count(storage.list('a')),
		move: () => storage.move('a', 'b'),
		delete: () => storage.delete('a'),
		createUpload: () => storage.createUpload('a'),
		appendUpload: () => storage.appendUpload(state, bytes('x')),
		sealUpload: () => storage.sealUpload(state),
		abortUpload: () => storage.abortUpload(state),
		close: () => storage.close(),
	};
	return calls[call]();
}
