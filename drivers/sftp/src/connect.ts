import {Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import type {Client, ClientChannel, SFTPWrapper} from 'ssh2';
import {ConnectionError} from './errors.ts';
import {freePackets} from './free-packets.ts';
import {Login} from './login.ts';
import type {LoginOptions, SftpOptions} from './options.ts';
import {quickenCiphers} from './quicken-ciphers.ts';

/** One SSH connection with its SFTP channel. */
export interface Connection {
	readonly client: Client;
	readonly channel: SFTPWrapper;
	/** What its bytes go through, be it to the jump host. */
	readonly socket: Socket;
	/** Cuts the connection, and that to the jump host. May be called again. */
	readonly end: () => void;
}

/** Connects and logs in, through the jump host if there is one. The library is loaded by the first call. */
export async function connect(options: SftpOptions, signal?: AbortSignal): Promise<Connection> {
	signal?.throwIfAborted();
	const sockets: Socket[] = [];
	const end = () => sockets.forEach(socket => socket.destroy());
	const seconds = options.connectTimeoutSeconds;
	const deadline = AbortSignal.timeout(seconds * 1_000);
	const limit = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
	limit.addEventListener('abort', end, {once: true});
	try {
		const tunnel = options.jump && (await openTunnel(options.jump, options, sockets));
		const opened = await openChannel(options, tunnel, sockets);
		limit.throwIfAborted();
		return {...opened, socket: sockets[0]!, end};
	} catch (error) {
		end();
		signal?.throwIfAborted();
		throw deadline.aborted ? new ConnectionError(`no connection within ${seconds} s`, {cause: error}) : error;
	} finally {
		limit.removeEventListener('abort', end);
	}
}

async function openChannel(
	options: SftpOptions,
	tunnel: Duplex | undefined,
	sockets: Socket[],
): Promise<Pick<Connection, 'client' | 'channel'>> {
	const {default: SftpClient} = await import('ssh2-sftp-client');
	const sftp = new SftpClient('stowage', {error() {}, end() {}, close() {}});
	const {client} = sftp as unknown as {readonly client: Client};
	const login = new Login(options);
	const config = await login.configFor(client);
	quickenCiphers(client);
	const keepalive = {keepaliveInterval: options.keepaliveSeconds * 1_000, keepaliveCountMax: 3};
	try {
		const socket = tunnel ?? openSocket(options, sockets);
		const channel = await sftp.connect({...config, ...keepalive, sock: socket});
		freePackets(client, channel, socket);
		return {client, channel};
	} catch (cause) {
		throw login.failure(cause);
	}
}

async function openTunnel(jump: LoginOptions, target: LoginOptions, sockets: Socket[]): Promise<ClientChannel> {
	const {default: ssh2} = await import('ssh2');
	const client = new ssh2.Client();
	quickenCiphers(client);
	const login = new Login(jump);
	const config = await login.configFor(client);
	const {promise, resolve, reject} = Promise.withResolvers<ClientChannel>();
	client.on('error', reject);
	client.once('close', () => reject(new Error('the connection was closed')));
	client.once('ready', () => {
		client.forwardOut('127.0.0.1', 0, target.host, target.port, (error, stream) =>
			error === undefined ? resolve(stream) : reject(error),
		);
	});
	try {
		client.connect({...config, sock: openSocket(jump, sockets)});
		return await promise;
	} catch (cause) {
		throw login.failure(cause);
	}
}

/** A small packet does not wait for the answer to the one before: it takes 50 ms to log in instead of 350. */
function openSocket({host, port}: LoginOptions, sockets: Socket[]): Socket {
	const socket = new Socket().setNoDelay(true);
	sockets.push(socket);
	return socket.connect({host, port});
}
