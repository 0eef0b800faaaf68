import type {Knex} from 'knex';
import type {Connection} from './database.ts';

/** The part of knex's client that hands out connections; its own types leave it open. */
interface PoolingClient {
	acquireConnection(): Promise<Connection>;
	releaseConnection(connection: Connection): Promise<void>;
}

/** Connections of knex's pool, for what knex does not do itself. */
export class PooledConnections {
	readonly #client: PoolingClient;

	constructor(knex: Knex) {
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
}
