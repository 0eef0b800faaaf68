/** `id`: a number that the database gives and never gives twice. `integer`: 64 bits, also for times in epoch milliseconds. */
export type ColumnType = 'id' | 'integer' | 'boolean' | 'long-text' | 'bytes' | {readonly text: number};

export interface ColumnDefinition {
	readonly type: ColumnType;
	readonly nullable?: boolean;
}

export interface ForeignKey {
	readonly columns: readonly string[];
	readonly table: string;
	/** The columns of `table`. */
	readonly references: readonly string[];
	/** Whether a row goes with the one that it refers to: for what is nothing without that, wherever that is deleted. */
	readonly cascade?: boolean;
}

/** Texts are compared byte by byte in every table: by letter case, and by spaces at the end too. */
export interface TableDefinition {
	readonly name: string;
	readonly columns: Readonly<Record<string, ColumnDefinition>>;
	/** Left out where a column is an `id`. */
	readonly primaryKey?: readonly string[];
	readonly unique?: Readonly<Record<string, readonly string[]>>;
	readonly indexes?: Readonly<Record<string, readonly string[]>>;
	/** Unless they cascade, a row that is referred to cannot be deleted: the records say in which order rows go. */
	readonly foreignKeys?: Readonly<Record<string, ForeignKey>>;
}
