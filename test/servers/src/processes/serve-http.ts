import {once} from 'node:events';
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A server of this process on a free port of 127.0.0.1 until the test ends. Gives its URL, without a slash at the end. */
export async function serveHttp(t: {teardown(end: () => void): void}, answer: Answer): Promise<string> {
	const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
