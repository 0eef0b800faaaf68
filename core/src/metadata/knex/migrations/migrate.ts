import type {Connection, Database} from '../database.ts';
import {allTables} from './all-tables.ts';
import {createTableSql} from './create-table-sql.ts';
import type {Migration} from './migration.ts';
import {integer, name} from './column-types.ts';

const migrationsTable = {name: 'migrations', columns: {name, applied_at: integer}, primaryKey: ['name']};

/**
 * Brings the schema up to date. One process at a time: others wait for it and find nothing left to do. What a process
 * that was killed left half done is done again by the next.
 */
export async function migrate(database: Database): Promise<void> {
	await database.exclusively(async connection => {
		const collation = await database.binaryCollation(connection);
		await executeAll(database, connection, createTableSql(migrationsTable, collation));
		const applied = await database.select<{name: string}>('select name from migrations', [], connection);
		const done = new Set(applied.map(row => row.name));
		const migrations: readonly Migration[] = allTables.map(table => ({
			name: `create ${table.name}`,
			statements: createTableSql(table, collation),
		}));
		for (const {name, statements} of migrations) {
			if (!done.has(name)) {
				await executeAll(database, connection, statements);
				await database.knex('migrations').connection(connection).insert({name, applied_at: Date.now()});
			}
		}
	});
}

async function executeAll(database: Database, connection: Connection, statements: readonly string[]): Promise<void> {
	for (const statement of statements) {
		await database.knex.raw(statement).connection(connection);
	}
}
