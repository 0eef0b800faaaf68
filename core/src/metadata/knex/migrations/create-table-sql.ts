import type {ColumnDefinition, ColumnType, ForeignKey, TableDefinition} from './table-definition.ts';

/** What a server calls the collation that compares the bytes of a text, spaces at the end included. */
export type BinaryCollation = 'utf8mb4_0900_bin' | 'utf8mb4_nopad_bin';

/**
 * Statements that make the table with its indexes, and change nothing when it is there. For MySQL it is one statement:
 * there each is final for itself, so that two would leave a half-made table behind if the second failed.
 */
export function createTableSql(table: TableDefinition, collation: BinaryCollation | undefined): readonly string[] {
	return collation === undefined ? sqliteSql(table) : [mysqlSql(table, collation)];
}

function sqliteSql(table: TableDefinition): readonly string[] {
	const unique = Object.values(table.unique ?? {}).map(columns => `unique (${columns.join(', ')})`);
	const parts = [...columnsSql(table, sqliteType), ...unique, ...foreignKeysSql(table)];
	const indexes = Object.entries(table.indexes ?? {}).map(
		([name, columns]) => `create index if not exists ${name} on ${table.name} (${columns.join(', ')})`,
	);
	return [`create table if not exists ${table.name} (${parts.join(', ')}) strict`, ...indexes];
}

function mysqlSql(table: TableDefinition, collation: BinaryCollation): string {
	const parts = [
		...columnsSql(table, mysqlType),
		...keysSql('unique key', table.unique),
		...keysSql('key', table.indexes),
		...foreignKeysSql(table),
	];
	return `create table if not exists ${table.name} (${parts.join(', ')})
		engine = innodb default character set utf8mb4 collate ${collation}`;
}

function keysSql(kind: string, keys: Readonly<Record<string, readonly string[]>> = {}): readonly string[] {
	return Object.entries(keys).map(([name, columns]) => `${kind} ${name} (${columns.join(', ')})`);
}

function columnsSql(table: TableDefinition, typeSql: (type: ColumnType) => string): readonly string[] {
	const column = ([name, {type, nullable}]: [string, ColumnDefinition]) =>
		`${name} ${typeSql(type)}${nullable === true ? ' null' : ' not null'}${type === 'id' ? idSql(typeSql) : ''}`;
	const columns = Object.entries(table.columns).map(column);
	return table.primaryKey === undefined ? columns : [...columns, `primary key (${table.primaryKey.join(', ')})`];
}

function idSql(typeSql: (type: ColumnType) => string): string {
	return typeSql === sqliteType ? ' primary key autoincrement' : ' primary key auto_increment';
}

function foreignKeysSql(table: TableDefinition): readonly string[] {
	return Object.entries(table.foreignKeys ?? {}).map(foreignKeySql);
}

function foreignKeySql([name, {columns, table, references, cascade}]: [string, ForeignKey]): string {
	const end = cascade === true ? ' on delete cascade' : '';
	return `constraint ${name} foreign key (${columns.join(', ')}) references ${table} (${references.join(', ')})${end}`;
}

function sqliteType(type: ColumnType): string {
	if (typeof type === 'object' || type === 'long-text') {
		return 'text';
	}
	return type === 'bytes' ? 'blob' : 'integer';
}

function mysqlType(type: ColumnType): string {
	if (typeof type === 'object') {
		return `varchar(${type.text})`;
	}
	const types = {
		id: 'bigint',
		integer: 'bigint',
		boolean: 'tinyint',
		'long-text': 'mediumtext',
		bytes: 'mediumblob',
	} as const;
	return types[type];
}
