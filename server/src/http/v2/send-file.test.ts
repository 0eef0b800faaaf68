import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {open, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {type IncomingMessage, type ServerResponse, createServer, get} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {buffer} from 'node:stream/consumers';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {sendFile} from './send-file.ts';

const mebibyte = 1024 * 1024;
const parts: readonly (readonly [title: string, size: number, start: number, end: number])[] = [
	['one byte', 1, 0, 1],
	['less than a buffer', 1000, 0, 1000],
	['exactly one buffer', mebibyte / 4, 0, mebibyte / 4],
	['one byte more than a buffer', mebibyte / 4 + 1, 0, mebibyte / 4 + 1],
	['many buffers', 5 * mebibyte + 7, 0, 5 * mebibyte + 7],
	['a part in the middle', 2 * mebibyte, 300_001, 1_700_001],
];

for (const [title, size, start, end] of parts) {
	test(`a client gets ${title} as it is in the file`, async t => {
		const {bytes, url} = await serve(t, size, (response, file) =>
			sendFile(file, {start, end}, response, new AbortController().signal),
		);
		t.true(bytes.subarray(start, end).equals(await download(url)));
	});
}

test('a slow reader gets the same bytes', async t => {
	const size = 3 * mebibyte;
	const {bytes, url} = await serve(t, size, (response, file) =>
		sendFile(file, {start: 0, end: size}, response, new AbortController().signal),
	);
	t.true(bytes.equals(await download(url, 5)));
});

test('a file that ends too soon is an error', async t => {
	const {url, outcome} = await serve(t, 1000, (response, file) =>
		sendFile(file, {start: 0, end: 1001}, response, new AbortController().signal),
	);
	await t.throwsAsync(download(url));
	await t.throwsAsync(outcome, {message: /1 bytes too soon/});
});

test('sending ends when the client leaves', async t => {
	const left = new AbortController();
	const size = 64 * mebibyte;
	const {url, outcome} = await serve(t, size, (response, file) => {
		response.on('close', () => left.abort());
		return sendFile(file, {start: 0, end: size}, response, left.signal);
	});
	const request = get(url, response => response.once('data', () => request.destroy()));
	request.on('error', () => undefined);
	await t.throwsAsync(outcome, {name: 'AbortError'});
});

type Send = (response: ServerResponse, file: Awaited<ReturnType<typeof open>>) => Promise<void>;

async function serve(t: ExecutionContext, size: number, send: Send) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-send-file-'));
	const path = join(folder, 'blob');
	const bytes = randomBytes(size);
	await writeFile(path, bytes);
	const {promise: outcome, resolve, reject} = Promise.withResolvers<void>();
	outcome.catch(() => undefined);
	const server = createServer((_request, response) => {
		answerWith(response, path, send).then(resolve, reject);
	});
	await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
	t.teardown(async () => {
		server.closeAllConnections();
		server.close();
		await rm(folder, {recursive: true});
	});
	return {bytes, outcome, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`};
}

async function answerWith(response: ServerResponse, path: string, send: Send): Promise<void> {
	await using file = await open(path);
	try {
		await send(response, file);
		response.end();
	} catch (error) {
		response.destroy();
		throw error;
	}
}

async function download(url: string, pauseMs = 0): Promise<Buffer> {
	const request = get(url);
	const [response] = (await once(request, 'response')) as [IncomingMessage];
	return buffer(pauseMs === 0 ? response : slowly(response, pauseMs));
}

async function* slowly(source: AsyncIterable<Buffer>, pauseMs: number): AsyncGenerator<Buffer> {
	for await (const piece of source) {
		await sleep(pauseMs);
		yield piece;
	}
}
