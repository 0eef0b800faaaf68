import {once} from 'node:events';
import {type AddressInfo, type Server, type Socket, connect, createServer} from 'node:net';
import {Transform, type TransformCallback} from 'node:stream';
import {pipeline} from 'node:stream/promises';

/** `up` is towards the server, `down` towards the client. */
export type Direction = 'up' | 'down';

export interface ByteFault {
	/** `cut` resets the connection, `stall` lets nothing more through it in this direction and leaves it open. */
	readonly kind: 'cut' | 'stall';
	readonly direction: Direction;
	/** Bytes of all connections together that still get through in this direction before it happens. */
	readonly after: number;
	/** How often it happens, each time after as many bytes. Once unless told. */
	readonly times?: number;
}

export interface FaultProxyOptions {
	readonly host: string;
	readonly port: number;
}

/** Stands between a client and a server that speak anything over TCP on this machine, and does what networks do. */
export class FaultProxy {
	readonly port: number;
	/** Milliseconds by which whatever is sent is late, in either direction. */
	latency = 0;
	/** Faults that have happened. */
	happened = 0;
	readonly #target: FaultProxyOptions;
	readonly #sockets = new Set<Socket>();
	#server: Server;
	#faults: {readonly fault: ByteFault; left: number; times: number}[] = [];
	#refusal: {readonly status: number; times: number} | undefined;

	private constructor(server: Server, target: FaultProxyOptions) {
		this.#server = server;
		this.#target = target;
		this.port = (server.address() as AddressInfo).port;
		server.on('connection', client => void this.#serve(client));
	}

	/** Listens on a free port of 127.0.0.1. */
	static async start(target: FaultProxyOptions): Promise<FaultProxy> {
		return new FaultProxy(await listen(0), target);
	}

	/** Lets something happen to bytes on their way, after what was asked for before in the same direction. */
	plan(fault: ByteFault): void {
		this.#faults.push({fault, left: fault.after, times: fault.times ?? 1});
	}

	/** Cuts all connections, and answers the next ones over HTTP with `status` and nothing else, so many times. */
	refuse(status: number, times: number): void {
		this.#refusal = {status, times};
		this.#cutAll();
	}

	/** Takes back whatever was planned. */
	calm(): void {
		this.#faults = [];
		this.#refusal = undefined;
		this.latency = 0;
	}

	/** Cuts all connections and takes no more until `comeBack`. */
	async goDown(): Promise<void> {
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#cutAll();
		await closed;
	}

	/** Listens again, at the same port. */
	async comeBack(): Promise<void> {
		this.#server = await listen(this.port);
		this.#server.on('connection', client => void this.#serve(client));
	}

	async close(): Promise<void> {
		if (this.#server.listening) {
			await this.goDown();
		}
	}

	async #serve(client: Socket): Promise<void> {
		this.#keep(client);
		if (this.#refusal !== undefined && this.#refusal.times > 0) {
			this.#refusal.times -= 1;
			this.happened += 1;
			await refuseOverHttp(client, this.#refusal.status);
			return;
		}
		// A side that has said all is not to end what the other one still has on its way.
		const server = connect({...this.#target, allowHalfOpen: true});
		this.#keep(server);
		const cut = () => {
			reset(client);
			server.destroy();
		};
		await Promise.allSettled([
			pipeline(client, this.#passage('up', cut), server),
			pipeline(server, this.#passage('down', cut), client),
		]);
	}

	#keep(socket: Socket): void {
		this.#sockets.add(socket);
		socket.setNoDelay(true);
		socket.on('error', () => undefined);
		socket.once('close', () => this.#sockets.delete(socket));
	}

	#cutAll(): void {
		for (const socket of this.#sockets) {
			reset(socket);
		}
	}

	/** One direction of one connection. Once something has happened to it nothing more gets through. */
	#passage(direction: Direction, cut: () => void): Transform {
		let over = false;
		let stalled = false;
		return new Transform({
			// An end behind a stall does not get through either; that a client gave up does.
			flush: done => {
				if (!stalled || direction === 'up') {
					done();
				}
			},
			transform: (chunk: Buffer, _encoding, done: TransformCallback) => {
				const met = over ? undefined : this.#meet(direction, chunk.length);
				if (met === undefined) {
					setTimeout(done, this.latency, undefined, over ? undefined : chunk);
					return;
				}
				over = true;
				stalled = met.kind === 'stall';
				done(undefined, chunk.subarray(0, met.passing));
				if (met.kind === 'cut') {
					// What is before the cut has to be on its way first.
					setTimeout(cut, 5);
				}
			},
		});
	}

	/** What happens to the next `length` bytes, and how many of them get through. */
	#meet(direction: Direction, length: number): {readonly kind: 'cut' | 'stall'; readonly passing: number} | undefined {
		const planned = this.#faults.find(({fault}) => fault.direction === direction);
		if (planned === undefined) {
			return undefined;
		}
		const passing = planned.left;
		planned.left -= length;
		if (planned.left >= 0) {
			return undefined;
		}
		this.happened += 1;
		planned.times -= 1;
		planned.left = planned.fault.after;
		this.#faults = this.#faults.filter(({times}) => times > 0);
		return {kind: planned.fault.kind, passing};
	}
}

async function listen(port: number): Promise<Server> {
	const server = createServer({allowHalfOpen: true}).listen(port, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

/** Takes whatever the client sends, for one that is cut while it sends does not look for an answer. */
async function refuseOverHttp(client: Socket, status: number): Promise<void> {
	try {
		await once(client, 'readable');
		client.resume();
		client.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
		await once(client, 'close', {signal: AbortSignal.timeout(2_000)});
	} catch {
		client.destroy();
	}
}

/** One that is still connecting would connect first, and one that has said goodbye would stay open for ever. */
function reset(socket: Socket): void {
	if (socket.connecting || socket.writableEnded) {
		socket.destroy();
	} else {
		socket.resetAndDestroy();
	}
}
