import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {type IncomingMessage, type ServerResponse, createServer, get} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
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
