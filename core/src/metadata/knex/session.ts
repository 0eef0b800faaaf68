import type {Knex} from 'knex';
import {isConnectionLost, isTransient, toMetadataError} from './database-error.ts';
import type {Binding, Connection, Database} from './database.ts';
import {retry} from './retry.ts';

/** Bounds all attempts of a command together; a lock is held for milliseconds, so this is an outage. */
const retryLimitMs = 20_000;

export interface RunOptions {
	/**
	 * False for what need not be on the disk when it is acknowledged, because it is put right when the machine has
	 * forgotten it. Within a transaction it is as durable as that.
	 */
	readonly durable?: boolean;
}

/** Where statements are run: on any connection, each for itself, or inside one transaction. */
export class Session {
	readonly database: Database;
	readonly #connection: Connection | undefined;
	/** The database has ended the transaction already: statements after it would run outside of it. */
	#lost: unknown;

	constructor(database: Database, connection?: Connection) {
		this.database = database;
		this.#connection = connection;
	}

	/** Rows of a query that only reads and whose text is one of few: see {@link Database.select}. */
	async select<Row>(sql: string, bindings: readonly Binding[]): Promise<readonly Row[]> {
		if (this.#connection === undefined) {
			try {
				return await this.database.select<Row>(sql, bindings);
			} catch (error) {
				// Most reads succeed at once: they do not pay for what those need that do not.
				if (!mayReadAgain(error)) {
					throw toMetadataError(error);
				}
			}
		}
		const select = () => this.database.select<Row>(sql, bindings, this.#connection);
		return this.#attempt(select, mayReadAgain);
	}

	/** The only row, or the first. */
	async selectFirst<Row>(sql: string, bindings: readonly Binding[]): Promise<Row | undefined> {
		return (await this.select<Row>(sql, bindings))[0];
	}

	/** As `selectFirst`, converted, for what many ask for. Given at once where the database has kept it; nobody may change it. */
	recallFirst<Value extends object>(
		sql: string,
		bindings: readonly Binding[],
		convert: (row: never) => Value,
	): Value | undefined | Promise<Value | undefined> {
		if (this.#connection === undefined) {
			try {
				const values = this.database.recall?.(sql, bindings, convert);
				if (values !== undefined) {
					return values[0];
				}
			} catch {
				// It is asked once more, by what tries again and tells of errors.
			}
		}
		return this.selectFirst<never>(sql, bindings).then(row => row && convert(row));
	}

	/** One statement on `table`, made with knex. Outside of a transaction it is retried for itself. */
	async run<Result>(
		table: string,
		build: (rows: Knex.QueryBuilder) => PromiseLike<Result>,
		{durable = true}: RunOptions = {},
	): Promise<Result> {
		const {database} = this;
		if (!durable && this.#connection === undefined && database.lessDurably !== undefined) {
			const apart = async (connection: Connection) => build(database.knex(table).connection(connection));
			return this.#attempt(async () => database.lessDurably!(apart), isTransient);
		}
		const work = async () => build(this.#table(table));
		return this.#attempt(work, isTransient);
	}

	/** Locks the rows for this transaction. SQLite has no such locks and needs none: whoever writes is alone. */
	lock(rows: Knex.QueryBuilder): Knex.QueryBuilder {
		return this.database.dialect === 'mysql' ? rows.forUpdate() : rows;
	}

	/** Keeps the rows as they are until the transaction ends; others may do the same. */
	share(rows: Knex.QueryBuilder): Knex.QueryBuilder {
		return this.database.dialect === 'mysql' ? rows.forShare() : rows;
	}

	/** Locks those of the rows that nobody else has locked, and leaves out the others. */
	lockFree(rows: Knex.QueryBuilder): Knex.QueryBuilder {
		return this.database.dialect === 'mysql' ? rows.forUpdate().skipLocked() : rows;
	}

	/** All of `work` or nothing. Within a transaction it becomes a part of that one. */
	async transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
		if (this.#connection !== undefined) {
			return work(this);
		}
		return this.#attempt(() => this.#transact(work), isTransient);
	}

	async #transact<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
		const connection = await this.#begin();
		let broken = false;
		try {
			const session = new Session(this.database, connection);
			const result = await work(session);
			session.#throwIfLost();
			await this.database.commit(connection);
			return result;
		} catch (error) {
			broken = await this.#rollBack(connection);
			throw error;
		} finally {
			await this.database.release(connection, broken);
		}
	}

	/** A connection that was lost while nobody used it is found out here, where another one serves as well. */
	async #begin(): Promise<Connection> {
		const begin = async () => {
			const connection = await this.database.acquire();
			try {
				await this.database.begin(connection);
				return connection;
			} catch (error) {
				await this.database.release(connection, isConnectionLost(error));
				throw error;
			}
		};
		return retry(begin, {mayRetry: isConnectionLost, maxDelayMs: 100, limitMs: 1000});
	}

	/** True when it failed. */
	async #rollBack(connection: Connection): Promise<boolean> {
		try {
			await this.database.rollBack(connection);
			return false;
		} catch {
			// The error that made us roll back is the one to tell; the connection is closed, which rolls back too.
			return true;
		}
	}

	async #attempt<Result>(work: () => Promise<Result>, mayRetry: (error: unknown) => boolean): Promise<Result> {
		try {
			if (this.#connection === undefined) {
				const {maxRetryDelayMs} = this.database;
				return await retry(work, {mayRetry, maxDelayMs: maxRetryDelayMs, limitMs: retryLimitMs});
			}
			this.#throwIfLost();
			return await work();
		} catch (error) {
			if (this.#connection !== undefined && isTransient(error)) {
				this.#lost = error;
			}
			throw toMetadataError(error);
		}
	}

	#throwIfLost(): void {
		if (this.#lost !== undefined) {
			throw this.#lost;
		}
	}

	#table(table: string): Knex.QueryBuilder {
		const rows = this.database.knex(table) as Knex.QueryBuilder;
		return this.#connection === undefined ? rows : rows.connection(this.#connection);
	}
}

function mayReadAgain(error: unknown): boolean {
	return isTransient(error) || isConnectionLost(error);
}
