import knex, {type Knex} from 'knex';
import type {Connection as MysqlConnection, RowDataPacket} from 'mysql2';
import type {MysqlOptions} from '../database-options.ts';
import type {Binding, Connection, Database} from './database.ts';
import type {BinaryCollation} from './migrations/create-table-sql.ts';
import {PooledConnections} from './pooled-connections.ts';

/**
 * Strict, since otherwise values that do not fit are cut off in silence. Read committed, since a transaction has to see
 * what others stored while it waited for a lock. UTC, since local time happens twice when summer ends.
 */
const sessionSql = `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
	innodb_lock_wait_timeout = 10, transaction_isolation = 'READ-COMMITTED'`;

/** How long another process may be at the schema. */
const migrationLimitSeconds = 60;

/** MySQL and MariaDB. */
export class MysqlDatabase implements Database {
	readonly dialect = 'mysql';
	readonly knex: Knex;
	readonly now = 'cast(unix_timestamp(now(3)) * 1000 as signed)';
	readonly maxRetryDelayMs = 200;
	readonly #connections: PooledConnections;

	private constructor(knex: Knex) {
		this.knex = knex;
		this.#connections = new PooledConnections(knex);
	}

	static async open(options: MysqlOptions): Promise<MysqlDatabase> {
		const {host, port = 3306, user, password, database, tls, poolSize = 10} = options;
		const pooled = knex.knex({
			client: 'mysql2',
			connection: {host, port, user, password, database, charset: 'utf8mb4', ...(tls && {ssl: {...tls}})},
			pool: {min: 0, max: poolSize, afterCreate: prepareConnection},
		});
		try {
			await pooled.raw('select 1');
			return new MysqlDatabase(pooled);
		} catch (error) {
			await pooled.destroy();
			throw error;
		}
	}

	acquire(): Promise<Connection> {
		return this.#connections.acquire();
	}

	release(connection: Connection, broken: boolean): Promise<void> {
		return this.#connections.release(connection, broken);
	}

	begin(connection: Connection): Promise<void> {
		return query(connection, 'start transaction');
	}

	commit(connection: Connection): Promise<void> {
		return query(connection, 'commit');
	}

	rollBack(connection: Connection): Promise<void> {
		return query(connection, 'rollback');
	}

	async select<Row>(sql: string, bindings: readonly Binding[], connection?: Connection): Promise<readonly Row[]> {
		return connection === undefined
			? this.#connections.use(connection => execute<Row>(connection, sql, bindings))
			: execute<Row>(connection, sql, bindings);
	}

	/** The lock belongs to the connection: the server ends it when this process dies. */
	async exclusively(work: (connection: Connection) => Promise<void>): Promise<void> {
		await this.#connections.use(async connection => {
			// The name is the server's, not the database's, and 64 characters at most.
			const name = `concat('stowage ', sha1(database()))`;
			const lockSql = `select get_lock(${name}, ${migrationLimitSeconds}) as locked`;
			const [row] = await execute<{locked: number | null}>(connection, lockSql, []);
			if (row?.locked !== 1) {
				throw new Error(`another process has been changing the tables for ${migrationLimitSeconds} seconds`);
			}
			try {
				await work(connection);
			} finally {
				await query(connection, `do release_lock(${name})`);
			}
		});
	}

	async binaryCollation(connection: Connection): Promise<BinaryCollation> {
		// The one is MySQL's, the other MariaDB's: neither knows both.
		const sql = `select collation_name as name from information_schema.collations
			where collation_name in ('utf8mb4_0900_bin', 'utf8mb4_nopad_bin') limit 1`;
		const [row] = await execute<{name: BinaryCollation}>(connection, sql, []);
		if (row === undefined) {
			throw new Error('the server has no binary collation without padding: MySQL 8 or MariaDB 10.6 is needed');
		}
		return row.name;
	}

	async close(): Promise<void> {
		await this.knex.destroy();
	}
}

/** Connections answer in order, so nobody's query comes before these. */
function prepareConnection(
	connection: MysqlConnection,
	done: (error: unknown, connection: MysqlConnection) => void,
): void {
	connection.query(sessionSql, error => done(error, connection));
}

function query(connection: Connection, sql: string): Promise<void> {
	return new Promise((resolve, reject) => {
		(connection as MysqlConnection).query(sql, error => (error === null ? resolve() : reject(error)));
	});
}

/** Through a prepared statement, which mysql2 keeps for each connection and text. */
function execute<Row>(connection: Connection, sql: string, bindings: readonly Binding[]): Promise<readonly Row[]> {
	return new Promise((resolve, reject) => {
		(connection as MysqlConnection).execute<RowDataPacket[]>(sql, [...bindings], (error, rows) =>
			error === null ? resolve(rows as unknown as readonly Row[]) : reject(error),
		);
	});
}
