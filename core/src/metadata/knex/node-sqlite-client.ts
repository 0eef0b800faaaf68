import {DatabaseSync, type SQLInputValue} from 'node:sqlite';
import SynchronousSqliteClient from 'knex/lib/dialects/better-sqlite3/index.js';
import {GiveWay} from './give-way.ts';

interface Query {
	readonly sql: string;
	readonly bindings?: readonly unknown[];
	response?: unknown;
	context?: {readonly lastID: number | bigint; readonly changes: number | bigint};
}

interface SqliteSettings {
	readonly filename: string;
}

/** What every connection to the file needs. FULL: a transaction is on the disk when it has been acknowledged. */
const pragmas = `
	pragma journal_mode = wal;
	pragma synchronous = full;
	pragma foreign_keys = on;
`;

/** The knex dialect of a synchronous driver of SQLite, for the one that is part of Node. Emits `ran` after each statement. */
export class NodeSqliteClient extends SynchronousSqliteClient {
	readonly #ways = new WeakMap<DatabaseSync, GiveWay>();

	_driver(): typeof DatabaseSync {
		return DatabaseSync;
	}

	override async acquireRawConnection(): Promise<DatabaseSync> {
		const {filename} = this.connectionSettings as SqliteSettings;
		const connection = new DatabaseSync(filename, {timeout: 10_000});
		connection.exec(pragmas);
		// From here on the session waits, which does not keep this process from other work.
		connection.exec('pragma busy_timeout = 0');
		this.#ways.set(connection, new GiveWay(connection));
		return connection;
	}

	override async acquireConnection(): Promise<DatabaseSync> {
		const connection = (await super.acquireConnection()) as DatabaseSync;
		await this.#ways.get(connection)?.pause();
		return connection;
	}

	override async destroyRawConnection(connection: DatabaseSync): Promise<void> {
		connection.close();
	}

	async _query(connection: DatabaseSync, query: Query): Promise<Query> {
		const statement = connection.prepare(query.sql);
		const bindings = toSqliteBindings(query.bindings ?? []);
		if (statement.columns().length > 0) {
			query.response = statement.all(...bindings);
		} else {
			const {lastInsertRowid, changes} = statement.run(...bindings);
			query.response = [];
			query.context = {lastID: lastInsertRowid, changes};
		}
		this.emit('ran');
		return query;
	}
}

/** Values as SQLite stores them: it has no booleans and no dates. */
export function toSqliteBindings(bindings: readonly unknown[]): SQLInputValue[] {
	return bindings.map(binding => {
		if (typeof binding === 'boolean') {
			return Number(binding);
		}
		return binding instanceof Date ? binding.getTime() : ((binding ?? null) as SQLInputValue);
	});
}
