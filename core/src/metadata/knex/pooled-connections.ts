import type {Knex} from 'knex';
import type {Connection} from './database.ts';

/** The part of knex's client that hands out connections; its own types leave it open. */
interface PoolingClient {
	acquireConnection(): Promise<Connection>;
	releaseConnection(connection: Connection): Promise<void>;
}

/** Something is asked of a database that has been closed. */
class DatabaseClosedError extends Error {
	override readonly name = 'DatabaseClosedError';
	readonly code = 'DATABASE_CLOSED';
}

/** Connections of knex's pool, for what knex does not do itself. */
export class PooledConnections {
	readonly #knex: Knex;
	readonly #client: PoolingClient;

	constructor(knex: Knex) {
		this.#knex = knex;
		this.#client = knex.client as PoolingClient;
	}

	acquire(): Promise<Connection> {
		return this.#client.acquireConnection();
	}

	async release(connection: Connection, broken: boolean): Promise<void> {
		if (broken) {
			// Knex's mark: the pool closes a connection that has it instead of handing it out again.
			Object.assign(connection, {__knex__disposed: new Error('left in an unknown state')});
		}
		await this.#client.releaseConnection(connection);
	}

	async use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
		const connection = await this.acquire();
		try {
			return await work(connection);
		} finally {
			await this.release(connection, false);
		}
	}

	/** Resolves when those who have a connection have given it back, and all are closed. Nobody gets one from now on. */
	async close(): Promise<void> {
		// The pool would let those who ask wait for a minute, and keep the process running as long.
		this.#client.acquireConnection = () => Promise.reject(new DatabaseClosedError('the database has been closed'));
		await this.#knex.destroy();
	}
}
