import type {Knex} from 'knex';
import type {CollectionRecords, OpenedCollection} from '../blob-records.ts';
import type {BinaryCollation} from './migrations/create-table-sql.ts';

export type Binding = string | number | Uint8Array | null;

/** A connection of knex's pool: only the database that made it looks inside. */
export type Connection = object;

/** What differs between the databases that the records are kept in. */
export interface Database {
	readonly dialect: 'sqlite' | 'mysql';
	readonly knex: Knex;
	/** Milliseconds since the epoch by the clock of the database, in SQL. */
	readonly now: string;
	/** How long a command that found rows locked waits at most before it tries again. */
	readonly maxRetryDelayMs: number;
	/** A request of a client was handed over: see `MetadataStore`. */
	arrived?(): void;
	acquire(): Promise<Connection>;
	/** `broken`: the connection is in a state that nobody knows, so it is closed. */
	release(connection: Connection, broken: boolean): Promise<void>;
	/** Opens a transaction that may write. */
	begin(connection: Connection): Promise<void>;
	commit(connection: Connection): Promise<void>;
	rollBack(connection: Connection): Promise<void>;
	/**
	 * Rows of a query whose text is one of few, since it is prepared once and kept. Without a connection it sees what is
	 * committed.
	 */
	select<Row>(sql: string, bindings: readonly Binding[], connection?: Connection): Promise<readonly Row[]>;
	/**
	 * What `convert` makes of each row of a `select` without a connection, for what many ask for: the same values are given
	 * again until something was written, so nobody may change them. Undefined where nothing is kept.
	 */
	recall?<Value extends object>(
		sql: string,
		bindings: readonly Binding[],
		convert: (row: never) => Value,
	): readonly Value[] | undefined;
	/**
	 * Has work done whose changes the machine may forget when it loses power, other than when the process ends: nobody waits
	 * for the disk then. Undefined where nobody waits for it anyway, or the server decides.
	 */
	lessDurably?<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>;
	/**
	 * A collection that keeps nobody waiting whom this process serves; `records` is how it would be done on the connections
	 * of this one. Undefined where nobody is kept waiting by those.
	 */
	openCollection?(records: CollectionRecords): OpenedCollection | undefined;
	/** Work on the schema, while no other process does such. */
	exclusively(work: (connection: Connection) => Promise<void>): Promise<void>;
	/** Undefined where texts are compared byte by byte anyway. */
	binaryCollation(connection: Connection): Promise<BinaryCollation | undefined>;
	close(): Promise<void>;
}
