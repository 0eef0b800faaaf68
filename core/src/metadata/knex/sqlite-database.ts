import {DatabaseSync, type StatementSync} from 'node:sqlite';
import knex, {type Knex} from 'knex';
import type {CollectionRecords, OpenedCollection} from '../blob-records.ts';
import type {SqliteOptions} from '../database-options.ts';
import {isTransient} from './database-error.ts';
import type {Binding, Connection, Database} from './database.ts';
import {GrowingCollection} from './growing-collection.ts';
import {NodeSqliteClient} from './node-sqlite-client.ts';
import {PooledConnections} from './pooled-connections.ts';
import {RememberedRows} from './remembered-rows.ts';
import {retry} from './retry.ts';
import {SharedReads} from './shared-reads.ts';
import {silentLog} from './silent-log.ts';

/** How long another process may be at the schema. */
const migrationLimitMs = 60_000;

/** Pages of the journal, from which on whoever commits moves them to the database: SQLite's own number. */
const checkpointPages = 1000;

/** In memory there is no second connection to the same rows. */
const inMemory = ':memory:';

/**
 * SQLite: one connection that writes, handed out by knex's pool, and beside it one that only reads and so never waits
 * for a transaction.
 */
export class SqliteDatabase implements Database {
	readonly dialect = 'sqlite';
	readonly knex: Knex;
	readonly now = `cast(unixepoch('subsec') * 1000 as integer)`;
	readonly maxRetryDelayMs = 3;
	readonly #options: SqliteOptions;
	readonly #connections: PooledConnections;
	readonly #reader: DatabaseSync | undefined;
	readonly #sharedReads: SharedReads | undefined;
	readonly #remembered: RememberedRows | undefined;
	readonly #statements = new WeakMap<Connection, Map<string, StatementSync>>();

	private constructor(knex: Knex, options: SqliteOptions, reader: DatabaseSync | undefined) {
		this.knex = knex;
		this.#options = options;
		this.#connections = new PooledConnections(knex);
		this.#reader = reader;
		if (reader !== undefined) {
			this.#sharedReads = new SharedReads(reader);
			this.#remembered = new RememberedRows(reader, this.#sharedReads);
		}
		(knex.client as NodeSqliteClient).on('ran', () => this.#sharedReads?.wrote());
	}

	static async open(options: SqliteOptions): Promise<SqliteDatabase> {
		const pooled = knex.knex({
			client: NodeSqliteClient,
			connection: {filename: options.file},
			useNullAsDefault: true,
			pool: {min: 1, max: 1},
			log: silentLog,
		});
		try {
			// Makes the file, and its journal mode what readers need.
			await pooled.raw('select 1');
			return new SqliteDatabase(pooled, options, options.file === inMemory ? undefined : openReader(options.file));
		} catch (error) {
			await pooled.destroy();
			throw error;
		}
	}

	arrived(): void {
		this.#sharedReads?.arrived();
	}

	acquire(): Promise<Connection> {
		return this.#connections.acquire();
	}

	release(connection: Connection, broken: boolean): Promise<void> {
		return this.#connections.release(connection, broken);
	}

	/** Takes the right to write at once: a reader that turns writer half-way is refused. */
	async begin(connection: Connection): Promise<void> {
		(connection as DatabaseSync).exec('begin immediate');
	}

	async commit(connection: Connection): Promise<void> {
		(connection as DatabaseSync).exec('commit');
		this.#sharedReads?.wrote();
	}

	async rollBack(connection: Connection): Promise<void> {
		// SQLite has done it already after some errors, such as a full disk.
		if ((connection as DatabaseSync).isTransaction) {
			(connection as DatabaseSync).exec('rollback');
		}
	}

	async select<Row>(sql: string, bindings: readonly Binding[], connection?: Connection): Promise<readonly Row[]> {
		const chosen = connection ?? this.#reader;
		if (chosen !== undefined) {
			if (chosen === this.#reader) {
				this.#sharedReads?.beforeRead();
			}
			return this.#statement(chosen, sql).all(...bindings) as unknown as readonly Row[];
		}
		return this.#connections.use(connection => this.select<Row>(sql, bindings, connection));
	}

	recall<Value extends object>(
		sql: string,
		bindings: readonly Binding[],
		convert: (row: never) => Value,
	): readonly Value[] | undefined {
		const reader = this.#reader;
		if (reader === undefined) {
			return undefined;
		}
		const query = () => {
			this.#sharedReads?.beforeRead();
			return this.#statement(reader, sql).all(...bindings);
		};
		return this.#remembered?.recall(sql, bindings, {query, convert: convert as (row: object) => Value});
	}

	lessDurably<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
		return this.#connections.use(async connection => {
			(connection as DatabaseSync).exec('pragma synchronous = normal');
			try {
				return await work(connection);
			} finally {
				(connection as DatabaseSync).exec('pragma synchronous = full');
			}
		});
	}

	openCollection(records: CollectionRecords): OpenedCollection | undefined {
		// What is in memory is there for its own connection only.
		if (this.#reader === undefined) {
			return undefined;
		}
		const leaveCheckpoints = async (left: boolean) => {
			await this.knex.raw(`pragma wal_autocheckpoint = ${left ? 0 : checkpointPages}`);
		};
		return new GrowingCollection({options: this.#options, here: records, leaveCheckpoints});
	}

	async exclusively(work: (connection: Connection) => Promise<void>): Promise<void> {
		await this.#connections.use(async connection => {
			const options = {mayRetry: isTransient, maxDelayMs: this.maxRetryDelayMs, limitMs: migrationLimitMs};
			await retry(() => this.begin(connection), options);
			try {
				await work(connection);
				await this.commit(connection);
			} catch (error) {
				await this.rollBack(connection);
				throw error;
			}
		});
	}

	async binaryCollation(): Promise<undefined> {
		return undefined;
	}

	async close(): Promise<void> {
		this.#sharedReads?.wrote();
		if (this.#reader?.isOpen) {
			this.#reader.close();
		}
		await this.#connections.close();
	}

	#statement(connection: Connection, sql: string): StatementSync {
		let statements = this.#statements.get(connection);
		if (statements === undefined) {
			statements = new Map();
			this.#statements.set(connection, statements);
		}
		let statement = statements.get(sql);
		if (statement === undefined) {
			statement = (connection as DatabaseSync).prepare(sql);
			statements.set(sql, statement);
		}
		return statement;
	}
}

function openReader(file: string): DatabaseSync {
	const reader = new DatabaseSync(file, {timeout: 10_000});
	reader.exec('pragma query_only = on');
	return reader;
}
