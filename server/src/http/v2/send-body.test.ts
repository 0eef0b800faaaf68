import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {type IncomingMessage, type ServerResponse, createServer, get} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {setTimeout as sleep} from 'node:timers/promises';
import type {UploadBody} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {sendBody} from './send-body.ts';

/** Answers every request by `send`; tells what came of the first. */
async function serve(t: ExecutionContext, send: (response: ServerResponse) => Promise<void>) {
	const {promise: outcome, resolve, reject} = Promise.withResolvers<void>();
	outcome.catch(() => undefined);
	const server = createServer((_request, response) => {
		send(response).then(resolve, error => {
			reject(error as Error);
			response.destroy();
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, outcome};
}

test('a client gets all pieces, and each is given back once and unchanged', async t => {
	const pieces = Array.from({length: 100}, () => randomBytes(64 * 1024));
	const whole = Buffer.concat(pieces);
	const given = new Set<Uint8Array>();
	const body: UploadBody = Readable.from(pieces);
	body.release = piece => {
		t.false(given.has(piece));
		given.add(piece);
		piece.fill(0);
	};
	const content = {kind: 'bytes', size: whole.length, body} as const;
	const {url, outcome} = await serve(t, response => sendBody(content, response, new AbortController().signal));
	const [response] = (await once(get(url), 'response')) as [IncomingMessage];
	t.true(whole.equals(await buffer(response)));
	await outcome;
	t.is(given.size, pieces.length);
});

test('a client that leaves while nothing comes ends the body', async t => {
	const left = new AbortController();
	const body = new Readable({read: () => undefined});
	body.push(randomBytes(1000));
	const {url, outcome} = await serve(t, response => {
		response.on('close', () => left.abort());
		return sendBody({kind: 'bytes', size: 2000, body}, response, left.signal);
	});
	const request = get(url, response => response.once('data', () => request.destroy()));
	request.on('error', () => undefined);
	await t.throwsAsync(outcome, {name: 'AbortError'});
	t.true(body.destroyed);
});

for (const [title, size] of [
	['fewer', 100_001],
	['more', 99_999],
] as const) {
	test(`a body of ${title} bytes than were said is an error, and no whole answer`, async t => {
		const body = Readable.from([randomBytes(50_000), randomBytes(50_000)]);
		const {url, outcome} = await serve(t, response => {
			response.setHeader('Content-Length', size);
			return sendBody({kind: 'bytes', size, body}, response, new AbortController().signal);
		});
		const [response] = (await once(get(url), 'response')) as [IncomingMessage];
		await t.throwsAsync(buffer(response));
		await t.throwsAsync(outcome, {message: /100000 of/});
		t.true(body.destroyed);
	});
}

test('no more is read than a client takes', async t => {
	const left = new AbortController();
	const piece = randomBytes(64 * 1024);
	let given = 0;
	const body = new Readable({
		read() {
			given += piece.length;
			this.push(piece);
		},
	});
	const {url, outcome} = await serve(t, response => {
		response.on('close', () => left.abort());
		return sendBody({kind: 'bytes', size: 1024 ** 3, body}, response, left.signal);
	});
	const request = get(url);
	request.on('error', () => undefined);
	const [response] = (await once(request, 'response')) as [IncomingMessage];
	let before = -1;
	while (before !== given) {
		before = given;
		await sleep(300);
	}
	// What the sockets of both sides hold is the system's.
	t.true(given < 64 * 1024 ** 2, `${given} bytes`);
	response.destroy();
	await t.throwsAsync(outcome, {name: 'AbortError'});
});
