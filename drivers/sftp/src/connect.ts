import type {Duplex} from 'node:stream';
import type {Client, ClientChannel, SFTPWrapper} from 'ssh2';
import {ConnectionError} from './errors.ts';
import {Login} from './login.ts';
import type {LoginOptions, SftpOptions} from './options.ts';

/** One SSH connection with its SFTP channel. */
export interface Connection {
	readonly client: Client;
	readonly channel: SFTPWrapper;
	/** Cuts the connection, and that to the jump host. May be called again. */
	readonly end: () => void;
}

/** Connects and logs in, through the jump host if there is one. The library is loaded by the first call. */
export async function connect(options: SftpOptions, signal?: AbortSignal): Promise<Connection> {
	signal?.throwIfAborted();
	const clients: Client[] = [];
	const end = () => clients.forEach(client => client.destroy());
	const seconds = options.connectTimeoutSeconds;
	const deadline = AbortSignal.timeout(seconds * 1_000);
	const limit = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
	limit.addEventListener('abort', end, {once: true});
	try {
		const tunnel = options.jump && (await openTunnel(options.jump, options, clients));
		const channel = await openChannel(options, tunnel, clients);
		limit.throwIfAborted();
		return {client: clients.at(-1)!, channel, end};
	} catch (error) {
		end();
		signal?.throwIfAborted();
		throw deadline.aborted ? new ConnectionError(`no connection within ${seconds} s`, {cause: error}) : error;
	} finally {
		limit.removeEventListener('abort', end);
	}
}

async function openChannel(options: SftpOptions, tunnel: Duplex | undefined, clients: Client[]): Promise<SFTPWrapper> {
	const {default: SftpClient} = await import('ssh2-sftp-client');
	const sftp = new SftpClient('stowage', {error() {}, end() {}, close() {}});
	const {client} = sftp as unknown as {readonly client: Client};
	clients.push(client);
	sendAtOnce(client);
	const login = new Login(options);
	const config = await login.configFor(client);
	const keepalive = {keepaliveInterval: options.keepaliveSeconds * 1_000, keepaliveCountMax: 3};
	try {
		return await sftp.connect({...config, ...keepalive, ...(tunnel && {sock: tunnel})});
	} catch (cause) {
		throw login.failure(cause);
	}
}

async function openTunnel(jump: LoginOptions, target: LoginOptions, clients: Client[]): Promise<ClientChannel> {
	const {default: ssh2} = await import('ssh2');
	const client = new ssh2.Client();
	clients.push(client);
	sendAtOnce(client);
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
		client.connect(config);
		return await promise;
	} catch (cause) {
		throw login.failure(cause);
	}
}

/** Otherwise small packets wait for the answers to those before: 350 ms instead of 50 to connect, 0.7 MiB/s instead of more than 100. */
function sendAtOnce(client: Client): void {
	client.once('connect', () => client.setNoDelay(true));
}
