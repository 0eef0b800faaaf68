import type {SFTPWrapper} from 'ssh2';
import type {Connection} from './connect.ts';
import {ConnectionError, StatusError} from './errors.ts';
import {Slots} from './slots.ts';

/** Bytes of reads and writes under way on one connection: as many as the windows of the library and of OpenSSH let through. */
const bytesUnderWay = 2 * 1024 * 1024;
/** Times the time limit that one request may take while others of the connection are answered. */
const patience = 4;

type Done<Result> = (error?: Error | null, result?: Result) => void;

interface Request {
	readonly asked: string;
	readonly since: number;
	readonly reject: (error: Error) => void;
}

/** What of the library's channel is not in its types. */
interface ChannelParts {
	readonly _extensions?: Readonly<Record<string, unknown>>;
	readonly _maxReadLen?: unknown;
	readonly _maxWriteLen?: unknown;
}

/** The requests of one connection. Each settles: with its answer, or when the connection ends or has been silent for too long. */
export class Session {
	/** Bytes that one read or write may carry. */
	readonly pieceSize: number;
	/** Held by every read and write while it is under way. */
	readonly slots: Slots;
	readonly #connection: Connection;
	readonly #extensions: Readonly<Record<string, unknown>>;
	readonly #pending = new Set<Request>();
	readonly #watch: NodeJS.Timeout;
	readonly #timeout: number;
	#heard = performance.now();
	#lost: ConnectionError | undefined;

	/** `timeout` is in milliseconds. */
	constructor(connection: Connection, timeout: number) {
		const {_extensions, _maxReadLen, _maxWriteLen} = connection.channel as unknown as ChannelParts;
		this.#connection = connection;
		this.#extensions = _extensions ?? {};
		this.#timeout = timeout;
		// Every server takes 32 KiB less what is around it (draft-ietf-secsh-filexfer-02, section 3).
		const limits = [_maxReadLen, _maxWriteLen].map(limit => (typeof limit === 'number' ? limit : 31 * 1024));
		this.pieceSize = Math.min(...limits, 255 * 1024);
		this.slots = new Slots(Math.min(64, Math.floor(bytesUnderWay / this.pieceSize)));
		this.#watch = setInterval(() => this.#look(), Math.min(1_000, timeout / 4)).unref();
		connection.client.on('error', error => this.#lose(error.message));
		// All that a jump host says of a server that has gone is that nothing more comes.
		connection.client.on('end', () => this.#lose('the connection was closed'));
		connection.client.on('close', () => this.#lose('the connection was closed'));
		connection.channel.on('error', (error: Error) => this.#lose(error.message));
		connection.channel.on('close', () => this.#lose('the server ended the SFTP session'));
		connection.channel.on('end', () => this.#lose('the server ended the SFTP session'));
	}

	/** Whether it can be used no longer. */
	get lost(): boolean {
		return this.#lost !== undefined;
	}

	/** Whether the server has this extension of the protocol. */
	offers(extension: string): boolean {
		return Object.hasOwn(this.#extensions, extension);
	}

	/** Makes one request. `asked` says what, for the message when it fails. */
	request<Result = void>(asked: string, start: (channel: SFTPWrapper, done: Done<Result>) => void): Promise<Result> {
		if (this.#lost !== undefined) {
			return Promise.reject(this.#lost);
		}
		const {promise, resolve, reject} = Promise.withResolvers<Result>();
		const request: Request = {asked, since: performance.now(), reject};
		const done: Done<Result> = (error, result) => {
			this.#pending.delete(request);
			this.#heard = performance.now();
			if (error === undefined || error === null) {
				// The library gives parts of what it received, which is free again once this returns.
				resolve((Buffer.isBuffer(result) ? Buffer.from(result) : result) as Result);
			} else {
				reject(isStatus(error) ? new StatusError(asked, error) : lostWhile(asked, error.message));
			}
		};
		this.#pending.add(request);
		this.#gather();
		try {
			start(this.#connection.channel, done);
		} catch (error) {
			this.#pending.delete(request);
			reject(error);
		}
		return promise;
	}

	/** Cuts the connection; what is under way rejects. */
	end(): void {
		this.#lose('the connection is not needed any more');
	}

	/**
	 * Sends with one call of the system what is written in this turn of the event loop: the library writes each packet in
	 * three pieces, and a large request is many packets.
	 */
	#gather(): void {
		const {socket} = this.#connection;
		if (socket.writableCorked === 0) {
			socket.cork();
			process.nextTick(() => socket.uncork());
		}
	}

	#look(): void {
		const [oldest] = this.#pending;
		if (oldest === undefined) {
			return;
		}
		const now = performance.now();
		const [age, silence] = [now - oldest.since, now - Math.max(oldest.since, this.#heard)];
		if (silence > this.#timeout || age > patience * this.#timeout) {
			this.#lose(`no answer for ${Math.round(age / 1_000)} s`);
		}
	}

	#lose(reason: string): void {
		if (this.#lost !== undefined) {
			return;
		}
		this.#lost = new ConnectionError(`the connection is lost: ${reason}`);
		clearInterval(this.#watch);
		this.#connection.end();
		for (const {asked, reject} of this.#pending) {
			reject(lostWhile(asked, reason));
		}
		this.#pending.clear();
	}
}

function lostWhile(asked: string, reason: string): ConnectionError {
	return new ConnectionError(`${asked}: the connection is lost: ${reason}`);
}

function isStatus(error: Error): error is Error & {readonly code: number} {
	return 'code' in error && typeof error.code === 'number';
}
