import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {Readable} from 'node:stream';
import {setImmediate as turn} from 'node:timers/promises';
import {createGzip, gunzipSync, gzipSync} from 'node:zlib';
import type {Digest} from '@stowage/core';
import {createTestHost} from '@stowage/testing';
import {parseImageName} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {type LayerConversion, convertLayer} from './convert-layer.ts';
import {makeTar} from './fixtures/make-tar.ts';
import {emptyLayer} from './fixtures/v1-registry.ts';

const image = parseImageName('app');
const mebibyte = 1024 * 1024;

async function open(t: ExecutionContext) {
	const host = await createTestHost();
	t.teardown(() => host.close());
	const {repository, caller, metadata} = host;
	const convert = (body: Buffer | (() => Readable), conversion: Partial<LayerConversion> = {}) =>
		convertLayer(
			{
				key: '',
				size: 0,
				open: async () => (Buffer.isBuffer(body) ? Readable.from(cut(body), {objectMode: false}) : body()),
			},
			{
				limits: {maxLayerBytes: 1000 * mebibyte, maxExpansion: 100},
				startUpload: () => repository.writer!.startUpload(image, {caller}),
				...conversion,
			},
		);
	const read = async (digest: Digest) => {
		const content = await repository.openBlob(image, digest, {caller});
		return content?.kind === 'bytes' ? Buffer.concat(await content.body.toArray()) : undefined;
	};
	const uploads = () => metadata.uploads.countStartedBy(caller.name);
	return {convert, read, uploads};
}

function* cut(bytes: Buffer): Generator<Buffer> {
	for (let at = 0; at < bytes.length; at += 50_001) {
		yield bytes.subarray(at, at + 50_001);
	}
}

function sha256(bytes: Buffer): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Bytes that do not get smaller, the same in every run. */
function noise(bytes: number): Buffer {
	const pieces = Array.from({length: Math.ceil(bytes / 64)}, (_, index) =>
		createHash('sha512').update(`${index}`).digest(),
	);
	return Buffer.concat(pieces).subarray(0, bytes);
}

const tar = makeTar([
	{name: 'small', content: 'x'},
	{name: 'large', content: noise(300_000)},
]);

test('gzip stays as it is, in one or more members', async t => {
	const {convert, read} = await open(t);
	const members = Buffer.concat([gzipSync(tar.subarray(0, 1000)), gzipSync(tar.subarray(1000))]);
	for (const layer of [gzipSync(tar), gzipSync(tar, {level: 1}), members]) {
		const converted = await convert(layer);
		t.like(converted, {empty: false, digest: sha256(layer), diffId: sha256(tar), size: layer.length});
		t.true(!converted.empty && (await read(converted.digest))?.equals(layer));
	}
});

test('a plain tar and xz are compressed, always to the same bytes', async t => {
	const {convert, read} = await open(t);
	const xz = spawnSync('xz', ['--compress', '--stdout'], {input: tar, maxBuffer: mebibyte});
	t.is(xz.status, 0, String(xz.error));
	const digests = new Set<string>();
	for (const layer of [tar, xz.stdout, tar]) {
		const converted = await convert(layer);
		t.like(converted, {empty: false, diffId: sha256(tar)});
		const stored = converted.empty ? undefined : await read(converted.digest);
		t.true(stored !== undefined && gunzipSync(stored).equals(tar));
		t.is(stored?.subarray(0, 10).toString('hex'), '1f8b08000000000000ff');
		digests.add(converted.empty ? '' : converted.digest);
	}
	t.is(digests.size, 1);
});

const broken: readonly (readonly [what: string, layer: Buffer])[] = [
	['gzip that breaks off', gzipSync(tar).subarray(0, -1)],
	['gzip with a wrong sum', Buffer.concat([gzipSync(tar).subarray(0, -8), Buffer.alloc(8)])],
	['bytes after gzip', Buffer.concat([gzipSync(tar), Buffer.from('more')])],
	['zeros after gzip', Buffer.concat([gzipSync(tar), Buffer.alloc(512)])],
	['xz that breaks off', spawnSync('xz', ['--stdout'], {input: tar, maxBuffer: mebibyte}).stdout.subarray(0, -20)],
	['xz of no bytes', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
	['gzip of a hostile tar', gzipSync(makeTar([{name: 'a', content: noise(100_000)}, {name: '../../x'}]))],
	['a tar that breaks off', tar.subarray(0, -100_000)],
];

for (const [what, layer] of broken) {
	test(`a layer with ${what} is refused, and nothing is left of it`, async t => {
		const {convert, uploads} = await open(t);
		await t.throwsAsync(convert(layer), {name: 'ConversionError', code: 'layer'});
		t.is(await uploads(), 0);
	});
}

const empties: readonly (readonly [what: string, layer: Buffer])[] = [
	['no bytes', Buffer.alloc(0)],
	['the gzip of engines', emptyLayer],
	['two empty blocks', makeTar([])],
	['ten kilobytes of empty blocks', Buffer.alloc(10_240)],
	['many empty blocks', Buffer.alloc(200_000)],
	['a header for all entries, and none', gzipSync(makeTar([{name: 'g', type: 'g', content: '11 c=hello\n'}]))],
];

for (const [what, layer] of empties) {
	test(`a layer of ${what} is empty, and nothing is stored`, async t => {
		const {convert, uploads} = await open(t);
		t.deepEqual(await convert(layer), {empty: true});
		t.is(await uploads(), 0);
	});
}

test('a layer that only deletes, or adds empty files, is not empty', async t => {
	const {convert} = await open(t);
	for (const name of ['etc/.wh.motd', 'empty-file', 'folder/']) {
		t.false((await convert(gzipSync(makeTar([{name}])))).empty);
	}
});

/** A tar of one file of zeros, as gzip: a thousandth of the bytes. */
function bomb(bytes: number): () => Readable {
	const header = makeTar([{name: 'zeros', size: bytes}]).subarray(0, 512);
	const zeros = Buffer.alloc(mebibyte);
	return () =>
		Readable.from(
			(function* () {
				yield header;
				for (let left = bytes + 1024; left > 0; left -= zeros.length) {
					yield zeros.subarray(0, left);
				}
			})(),
			{objectMode: false},
		).pipe(createGzip());
}

test('a gzip bomb is refused at its ratio and at its size, long before its end, with flat memory', async t => {
	const {convert, uploads} = await open(t);
	const before = process.memoryUsage().rss;
	await t.throwsAsync(convert(bomb(1e12)), {code: 'layer-too-large', message: /more than 100 times its size/});
	const limits = {maxLayerBytes: 80 * mebibyte, maxExpansion: 10_000};
	await t.throwsAsync(convert(bomb(1e12), {limits}), {code: 'layer-too-large', message: /more than 83886080 bytes/});
	const plain = bomb(1e12)().pipe((await import('node:zlib')).createGunzip());
	await t.throwsAsync(
		convert(() => plain, {limits}),
		{code: 'layer-too-large'},
	);
	t.is(await uploads(), 0);
	t.true(process.memoryUsage().rss - before < 400 * mebibyte, 'memory does not grow with the bomb');
	t.false((await convert(bomb(50 * mebibyte))).empty, 'holes in small files are let through');
});

test('a source that breaks off is no fault of the layer, and nothing is left', async t => {
	const {convert, uploads} = await open(t);
	const layer = gzipSync(tar);
	const failing = () =>
		Readable.from(
			(async function* () {
				yield layer.subarray(0, 100_000);
				await turn();
				throw new Error('the disk is gone');
			})(),
			{objectMode: false},
		);
	await t.throwsAsync(convert(failing), {name: 'Error', message: 'the disk is gone'});
	t.is(await uploads(), 0);
	const stop = AbortSignal.abort(new Error('enough'));
	await t.throwsAsync(convert(layer, {signal: stop}), {message: 'enough'});
	t.is(await uploads(), 0);
});

test('a migration that is ended does not wait for a source that gives nothing more', async t => {
	const {convert, uploads} = await open(t);
	for (const layer of [gzipSync(tar), tar]) {
		for (const bytes of [0, 100, 100_000]) {
			const stop = new AbortController();
			const stalled = new Readable({
				read() {
					this.push(bytes === 0 ? '' : layer.subarray(0, bytes));
					this._read = () => setImmediate(() => stop.abort(new Error('enough')));
				},
			});
			await t.throwsAsync(
				convert(() => stalled, {signal: stop.signal}),
				{message: 'enough'},
				`${bytes}`,
			);
			t.is(await uploads(), 0);
			t.true(stalled.destroyed);
		}
	}
});
