import {type Socket, connect as connectTcp, isIP} from 'node:net';
import {type ConnectionOptions, connect as connectTls} from 'node:tls';
import {Client, type SearchOptions} from 'ldapts';
import type {LdapOptions} from './options.ts';

type Entries = Awaited<ReturnType<Client['search']>>['searchEntries'];

/** One connection to one server of a directory. Who it is bound as is the caller's to remember. */
export class Connection {
	readonly #client: Client;
	readonly #sockets: Socket[] = [];

	private constructor(url: string, {connectTimeoutSeconds, timeoutSeconds}: LdapOptions, tls: ConnectionOptions) {
		const keep = <Kind extends Socket>(socket: Kind): Kind => {
			this.#sockets.push(socket);
			return socket;
		};
		this.#client = new Client({
			url,
			timeout: timeoutSeconds * 1000,
			connectTimeout: connectTimeoutSeconds * 1000,
			// To a client of ldap:// even empty options mean that it is to speak TLS from the start.
			...(url.startsWith('ldaps:') && {tlsOptions: tls}),
			createConnection: ((port: number, host: string) => keep(connectTcp(port, host))) as typeof connectTcp,
			createSecureConnection: ((...parameters: Parameters<typeof connectTls>) =>
				keep(connectTls(...parameters))) as typeof connectTls,
		});
	}

	/** Resolves once it is encrypted, where it is to be; a connection without TLS is made by the first call. */
	static async open(url: string, options: LdapOptions, signal?: AbortSignal): Promise<Connection> {
		const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
		const tls = {host, ca: options.caCertificates, ...(isIP(host) === 0 && {servername: host})};
		const connection = new Connection(url, options, tls);
		if (options.startTls && url.startsWith('ldap:')) {
			const late = AbortSignal.timeout((options.connectTimeoutSeconds + options.timeoutSeconds) * 1000);
			try {
				await connection.#run(client => client.startTLS(tls), AbortSignal.any([late, ...(signal ? [signal] : [])]));
			} catch (error) {
				connection.close();
				throw error;
			}
		}
		return connection;
	}

	get usable(): boolean {
		return this.#client.isConnected;
	}

	async bind(dn: string, password: string, signal?: AbortSignal): Promise<void> {
		await this.#run(client => client.bind(dn, password), signal);
	}

	async search(base: string, options: SearchOptions, signal?: AbortSignal): Promise<Entries> {
		return (await this.#run(client => client.search(base, options), signal)).searchEntries;
	}

	/** At once, whatever is under way. */
	close(): void {
		for (const socket of this.#sockets) {
			// Its client listens no more once a handshake has failed.
			socket.on('error', () => undefined);
			socket.destroy();
		}
	}

	/** The client knows no signals: when one aborts, the connection ends. */
	async #run<Result>(work: (client: Client) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
		signal?.throwIfAborted();
		const aborted = Promise.withResolvers<never>();
		const abort = () => {
			aborted.reject(signal?.reason as Error);
			this.close();
		};
		signal?.addEventListener('abort', abort, {once: true});
		try {
			return await Promise.race([work(this.#client), aborted.promise]);
		} finally {
			signal?.removeEventListener('abort', abort);
		}
	}
}
