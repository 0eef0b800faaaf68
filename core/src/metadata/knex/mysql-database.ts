import knex, {type Knex} from 'knex';
import type {Connection as MysqlConnection, RowDataPacket} from 'mysql2';
import type {MysqlOptions} from '../database-options.ts';
import type {Binding, Connection, Database} from './database.ts';
import {MysqlClient, runSql} from './mysql-client.ts';
import type {BinaryCollation} from './migrations/create-table-sql.ts';
import {PooledConnections} from './pooled-connections.ts';
import {silentLog} from './silent-log.ts';

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
			client: MysqlClient,
			connection: {host, port, user, password, database, charset: 'utf8mb4', ...(tls && {ssl: {...tls}})},
			pool: {min: 0, max: poolSize},
			log: silentLog,
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
		return runSql(connection as MysqlConnection, 'start transaction');
	}

	commit(connection: Connection): Promise<void> {
		return runSql(connection as MysqlConnection, 'commit');
	}

	rollBack(connection: Connection): Promise<void> {
		return runSql(connection as MysqlConnection, 'rollback');
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
				await runSql(connection as MysqlConnection, `do release_lock(${name})`);
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
		await this.#connections.close();
	}
}

/** Through a prepared statement, which mysql2 keeps for each connection and text. */
function execute<Row>(connection: Connection, sql: string, bindings: readonly Binding[]): Promise<readonly Row[]> {
	// Numbers would be sent as floating point ones, which MySQL from 8.0.22 on refuses in a limit.
	const values = bindings.map(binding => (typeof binding === 'number' ? String(binding) : binding));
	return new Promise((resolve, reject) => {
		(connection as MysqlConnection).execute<RowDataPacket[]>(sql, values, (error, rows) =>
			error === null ? resolve(rows as unknown as readonly Row[]) : reject(error),
		);
	});
}
