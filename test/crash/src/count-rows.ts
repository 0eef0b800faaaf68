import {DatabaseSync} from 'node:sqlite';
import type {DatabaseOptions} from '@stowage/core/metadata';
import {createConnection} from 'mysql2/promise';

const tables = ['blobs', 'image_blobs', 'images', 'manifests', 'tags', 'uploads'] as const;

type Counts = Record<(typeof tables)[number], number>;

/** How many rows there are, past everything that could hide doubles. */
export async function countRows(options: DatabaseOptions): Promise<Counts> {
	const counts = options.client === 'sqlite' ? countSqlite(options.file) : await countMysql(options);
	return Object.fromEntries(counts) as Counts;
}

function countSqlite(file: string): [string, number][] {
	using database = new DatabaseSync(file, {readOnly: true});
	return tables.map(table => [table, Number(database.prepare(`select count(*) as n from ${table}`).get()!.n)]);
}

async function countMysql({host, port, user, password, database}: Extract<DatabaseOptions, {client: 'mysql'}>) {
	const connection = await createConnection({host, port, user, password, database});
	const counts: [string, number][] = [];
	for (const table of tables) {
		const [rows] = await connection.query(`select count(*) as n from ${table}`);
		counts.push([table, (rows as {n: number}[])[0]!.n]);
	}
	await connection.end();
	return counts;
}
