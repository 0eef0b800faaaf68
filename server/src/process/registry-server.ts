import {createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse} from 'node:http';
import {createServer as createSecureServer, type Server as SecureServer} from 'node:https';
import {type AddressInfo, Server as NetServer} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import type {Logger} from '@stowage/core';
import type {ListenAddress} from '../config/listen-address.ts';
import type {CertificateFiles} from './certificate-files.ts';
import {Connections} from './connections.ts';
import {ListenError} from './listen-error.ts';

interface RegistryServerOptions {
	readonly listen: readonly ListenAddress[];
	readonly handler: RequestListener;
	/**
	 * Answers a request that waits for `100 Continue` before it sends its body, so that who may not push is told before
	 * the bytes are on their way. Has to call `response.writeContinue()` itself. Without it Node lets them send at once.
	 */
	readonly onCheckContinue?: (request: IncomingMessage, response: ServerResponse) => void;
	readonly certificate?: CertificateFiles;
	readonly idleTimeoutSeconds: number;
	readonly logger: Logger;
}

/** Above what proxies keep their connections to us open for (60 s is usual): the side that gives up first must be theirs. */
const keepAliveTimeoutMs = 75_000;

/** The listening sockets, over HTTP or HTTPS, and how they end. */
export class RegistryServer {
	/** What is really listened on. */
	readonly addresses: readonly ListenAddress[];
	readonly #servers: readonly Server[];
	readonly #connections: readonly Connections[];
	readonly #logger: Logger;
	#cut = new AbortController();
	#stopping: Promise<void> | undefined;

	private constructor(servers: readonly Server[], connections: readonly Connections[], logger: Logger) {
		this.#servers = servers;
		this.#connections = connections;
		this.#logger = logger;
		this.addresses = servers.map(server => {
			const {address, port} = server.address() as AddressInfo;
			return {host: address, port};
		});
	}

	/** Resolves when all addresses are listened on. Rejects with `ListenError`, and listens on none, when one cannot be. */
	static async listen(options: RegistryServerOptions): Promise<RegistryServer> {
		const secure = options.certificate !== undefined;
		const idleTimeoutMs = options.idleTimeoutSeconds * 1000;
		const servers = options.listen.map(() => create(options));
		const connections = servers.map(server => new Connections(server, {secure, idleTimeoutMs}));
		const listening = await Promise.allSettled(
			options.listen.map(async (address, index) => listenOn(servers[index] as Server, address)),
		);
		const failed = listening.find(result => result.status === 'rejected');
		if (failed === undefined) {
			return new RegistryServer(servers, connections, options.logger);
		}
		for (const server of servers) {
			server.close();
		}
		throw failed.reason;
	}

	/**
	 * Stops accepting, ends connections that wait, and lets requests under way end within the time; what is left then is
	 * cut off. Resolves when no connection is left.
	 */
	async stop({withinSeconds}: {readonly withinSeconds: number}): Promise<void> {
		this.#stopping ??= this.#drain(withinSeconds);
		return this.#stopping;
	}

	/** Ends a `stop` under way at once. */
	cut(): void {
		this.#cut.abort();
	}

	async #drain(withinSeconds: number): Promise<void> {
		const closed = Promise.all(this.#servers.map(stopAccepting));
		for (const connections of this.#connections) {
			connections.drain();
		}
		const ended = new AbortController();
		const signal = AbortSignal.any([this.#cut.signal, ended.signal]);
		const limit = wait(withinSeconds * 1000, undefined, {signal}).catch(() => undefined);
		await Promise.race([closed, limit]);
		ended.abort();
		const busy = this.#connections.reduce((sum, connections) => sum + connections.busy, 0);
		if (busy > 0) {
			this.#logger.warn({requests: busy}, 'cut off requests that had not ended');
		}
		for (const connections of this.#connections) {
			connections.cut();
		}
		await closed;
	}
}

function create({handler, onCheckContinue, certificate}: RegistryServerOptions): Server {
	const options = {
		requestTimeout: 0,
		headersTimeout: 60_000,
		keepAliveTimeout: keepAliveTimeoutMs,
		noDelay: true,
	};
	if (certificate === undefined) {
		return withHandlers(createServer(options), handler, onCheckContinue);
	}
	const server: SecureServer = createSecureServer({...options, ...certificate.current, handshakeTimeout: 10_000});
	certificate.onChange(pair => server.setSecureContext(pair));
	return withHandlers(server, handler, onCheckContinue);
}

function withHandlers(
	server: Server,
	handler: RequestListener,
	onCheckContinue: RegistryServerOptions['onCheckContinue'],
): Server {
	server.on('request', handler);
	if (onCheckContinue !== undefined) {
		server.on('checkContinue', onCheckContinue);
	}
	return server;
}

async function listenOn(server: Server, address: ListenAddress): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', error => reject(new ListenError(address, error)));
		server.listen({...address, backlog: 1024}, resolve);
	});
}

/** Resolves when the last connection is closed. Not http's own `close`, which also ends answers whose last bytes wait to be sent. */
async function stopAccepting(server: Server): Promise<void> {
	await new Promise<void>(resolve => {
		NetServer.prototype.close.call(server, () => resolve());
	});
}
