import type {Server as HttpServer, IncomingMessage, ServerResponse} from 'node:http';
import type {Socket} from 'node:net';

/**
 * The connections of one listening server: which are at work, which wait, and which have stopped moving.
 * Node's own `closeIdleConnections` takes a response for done whose last bytes are not sent yet, and its `requestTimeout`
 * cuts long uploads however well they go; so both are done here.
 */
export class Connections {
	/** Answers under way, by connection. */
	readonly #answers = new Map<Socket, ServerResponse[]>();
	/** Every accepted connection, also those whose TLS handshake is not done. */
	readonly #accepted = new Set<Socket>();
	readonly #idleTimeoutMs: number;
	#draining = false;

	/** Watches `server`, whose listeners for requests are there, and of which `secure` says whether it speaks TLS. */
	constructor(server: HttpServer, options: {readonly secure: boolean; readonly idleTimeoutMs: number}) {
		this.#idleTimeoutMs = options.idleTimeoutMs;
		server.timeout = options.idleTimeoutMs;
		server.on('connection', (socket: Socket) => this.#accept(socket));
		server.on(options.secure ? 'secureConnection' : 'connection', (socket: Socket) => this.#greet(socket));
		server.on('timeout', (socket: Socket) => this.#checkProgress(socket));
		const begin = ({socket}: IncomingMessage, response: ServerResponse) => this.#begin(socket, response);
		// First in line, so that what a handler answers at once is seen too.
		server.prependListener('request', begin);
		// With any listener for it Node leaves the answer to us.
		if (server.listenerCount('checkContinue') > 0) {
			server.prependListener('checkContinue', begin);
		}
	}

	/** Number of requests being answered. */
	get busy(): number {
		let count = 0;
		for (const answers of this.#answers.values()) {
			count += answers.length;
		}
		return count;
	}

	/** Ends connections that wait for a next request, and each of the others after the answer it is at. */
	drain(): void {
		this.#draining = true;
		for (const [socket, answers] of this.#answers) {
			if (answers.length === 0) {
				socket.destroySoon();
			}
			for (const answer of answers) {
				lastOfItsConnection(answer);
			}
		}
	}

	/** Ends all connections as they are. */
	cut(): void {
		for (const socket of this.#accepted) {
			socket.destroy();
		}
	}

	#accept(socket: Socket): void {
		this.#accepted.add(socket);
		socket.once('close', () => this.#accepted.delete(socket));
	}

	#greet(socket: Socket): void {
		this.#answers.set(socket, []);
		socket.once('close', () => this.#answers.delete(socket));
		if (this.#draining) {
			socket.destroySoon();
		}
	}

	#begin(socket: Socket, response: ServerResponse): void {
		const answers = this.#answers.get(socket);
		if (answers === undefined) {
			return;
		}
		answers.push(response);
		if (this.#draining) {
			lastOfItsConnection(response);
		}
		response.on('close', () => {
			answers.splice(answers.indexOf(response), 1);
			if (this.#draining && answers.length === 0) {
				socket.destroySoon();
			}
		});
	}

	#checkProgress(socket: Socket): void {
		const answers = this.#answers.get(socket) ?? [];
		if (answers.length > 0 && !answers.some(answer => waitsForClient(answer, socket))) {
			socket.setTimeout(this.#idleTimeoutMs);
		} else {
			socket.destroy();
		}
	}
}

function lastOfItsConnection(response: ServerResponse): void {
	if (!response.headersSent) {
		response.shouldKeepAlive = false;
	}
}

/** Whether nothing moves because of the client: what it sends does not come, or what it gets is not taken. */
function waitsForClient(response: ServerResponse, socket: Socket): boolean {
	const request = response.req;
	const bytesDoNotCome = !request.complete && request.readableLength === 0;
	return bytesDoNotCome || socket.writableLength > 0;
}
