import {type Abortable, unlessAborted} from '@stowage/core';
import {ResultCodeError, type SearchOptions} from 'ldapts';
import pLimit from 'p-limit';
import {Connection} from './connection.ts';
import type {LdapOptions} from './options.ts';

/** Questions that wait for a connection, before more of them are refused. */
const longestQueue = 2000;

/** A connection that nobody used for so long is not used again: what is in between may have dropped it without a word. */
const idleMs = 30_000;

/**
 * Results of a bind (RFC 4511, appendix A.2) that say no to who is bound, and nothing of the server: inappropriate
 * authentication, invalid credentials, a constraint such as too many failures, no such entry, unwilling to do it (an account
 * that is locked or has expired), and too few rights.
 */
const refusals: ReadonlySet<number> = new Set([48, 49, 19, 32, 53, 50]);

type Entries = Awaited<ReturnType<Connection['search']>>;

/** The directory could not be asked. */
export class DirectoryError extends Error {
	override readonly name = 'DirectoryError';
	readonly code = 'DIRECTORY_UNAVAILABLE';
}

/** Asks the first server of a directory that can be reached, over a bounded number of connections that are used again. */
export class Directory {
	readonly #options: LdapOptions;
	readonly #limit: ReturnType<typeof pLimit>;
	/** Bound as the account that searches. */
	readonly #idle: {readonly connection: Connection; readonly since: number}[] = [];
	readonly #open = new Set<Connection>();
	#closed = false;

	constructor(options: LdapOptions) {
		this.#options = options;
		this.#limit = pLimit({concurrency: options.connections, rejectOnClear: true});
	}

	/** As the account that searches. Rejects with `ResultCodeError` of the server, or `DirectoryError`. */
	async search(base: string, options: SearchOptions, {signal}: Abortable = {}): Promise<Entries> {
		return this.#bounded(async () => {
			const kept = this.#takeIdle();
			if (kept !== undefined) {
				try {
					return await this.#searchWith(kept, base, options, signal);
				} catch (error) {
					if (error instanceof ResultCodeError || signal?.aborted === true) {
						throw error;
					}
					// The server has closed what nobody used.
				}
			}
			return this.#searchWith(await this.#connectAsService(signal), base, options, signal);
		}, signal);
	}

	/** Whether this is the password of the entry. An empty one is of none: it would be no bind at all (RFC 4513, section 5.1.2). */
	async isPassword(dn: string, password: string, {signal}: Abortable = {}): Promise<boolean> {
		if (dn === '' || password === '') {
			return false;
		}
		return this.#bounded(async () => {
			try {
				this.#end(await this.#connect({dn, password}, signal));
				return true;
			} catch (error) {
				if (error instanceof ResultCodeError && refusals.has(error.code)) {
					return false;
				}
				throw error;
			}
		}, signal);
	}

	close(): void {
		this.#closed = true;
		this.#limit.clearQueue();
		this.#open.forEach(connection => this.#end(connection));
	}

	async #bounded<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
		if (this.#closed || this.#limit.pendingCount >= longestQueue) {
			throw new DirectoryError(this.#closed ? 'the directory is closed' : 'too many questions wait for the directory');
		}
		signal?.throwIfAborted();
		let begun = false;
		const answer = this.#limit(async () => {
			begun = true;
			// He may have left while he waited.
			signal?.throwIfAborted();
			return work();
		});
		try {
			return await unlessAborted(answer, signal);
		} catch (error) {
			signal?.throwIfAborted();
			throw begun ? error : new DirectoryError('the directory cannot be reached', {cause: error});
		}
	}

	async #searchWith(
		connection: Connection,
		base: string,
		options: SearchOptions,
		signal: AbortSignal | undefined,
	): Promise<Entries> {
		try {
			const entries = await connection.search(base, options, signal);
			this.#keep(connection);
			return entries;
		} catch (error) {
			if (error instanceof ResultCodeError) {
				this.#keep(connection);
				throw error;
			}
			this.#end(connection);
			signal?.throwIfAborted();
			throw new DirectoryError(`searching failed: ${messageOf(error)}`, {cause: error});
		}
	}

	async #connectAsService(signal: AbortSignal | undefined): Promise<Connection> {
		try {
			return await this.#connect(serviceOf(this.#options), signal);
		} catch (error) {
			if (error instanceof ResultCodeError) {
				throw new DirectoryError(`the account that searches is refused: ${error.message}`, {cause: error});
			}
			throw error;
		}
	}

	/** To the first server that answers. What it answers to the bind holds: the others have the same entries. */
	async #connect(
		bound: {readonly dn: string; readonly password: string} | undefined,
		signal: AbortSignal | undefined,
	): Promise<Connection> {
		const troubles: string[] = [];
		for (const url of this.#options.urls) {
			let connection: Connection | undefined;
			try {
				connection = await Connection.open(url, this.#options, signal);
				this.#open.add(connection);
				// An empty name and password are anonymous.
				await connection.bind(bound?.dn ?? '', bound?.password ?? '', signal);
				return connection;
			} catch (error) {
				if (connection !== undefined) {
					this.#end(connection);
				}
				signal?.throwIfAborted();
				if (error instanceof ResultCodeError && connection !== undefined) {
					throw error;
				}
				troubles.push(`${url}: ${messageOf(error)}`);
			}
		}
		// Whoever waits would find the same out, one after the other.
		this.#limit.clearQueue();
		throw new DirectoryError(`no server of the directory can be reached: ${troubles.join('; ')}`);
	}

	#takeIdle(): Connection | undefined {
		for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
			if (last.connection.usable && performance.now() - last.since < idleMs) {
				return last.connection;
			}
			this.#end(last.connection);
		}
		return undefined;
	}

	#keep(connection: Connection): void {
		if (this.#closed || !connection.usable) {
			this.#end(connection);
		} else {
			this.#idle.push({connection, since: performance.now()});
		}
	}

	#end(connection: Connection): void {
		this.#open.delete(connection);
		connection.close();
	}
}

function serviceOf({bindDn, bindPassword = ''}: LdapOptions): {dn: string; password: string} | undefined {
	return bindDn === undefined ? undefined : {dn: bindDn, password: bindPassword};
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
