import Mysql2Client from 'knex/lib/dialects/mysql2/index.js';
import type {Connection} from 'mysql2';

/**
 * Strict, since otherwise values that do not fit are cut off in silence. Read committed, since a transaction has to see
 * what others stored while it waited for a lock. UTC, since local time happens twice when summer ends.
 */
const sessionSql = [
	`set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
		innodb_lock_wait_timeout = 10`,
	'set session transaction isolation level read committed',
];

/** Knex's dialect for mysql2, with connections that all behave alike whatever the server's own settings are. */
export class MysqlClient extends Mysql2Client {
	override async acquireRawConnection(): Promise<Connection> {
		const connection = (await super.acquireRawConnection()) as Connection;
		try {
			for (const sql of sessionSql) {
				await runSql(connection, sql);
			}
			return connection;
		} catch (error) {
			connection.destroy();
			throw error;
		}
	}
}

/** Runs a statement without result. */
export function runSql(connection: Connection, sql: string): Promise<void> {
	return new Promise((resolve, reject) => {
		connection.query(sql, error => (error === null ? resolve() : reject(error)));
	});
}
