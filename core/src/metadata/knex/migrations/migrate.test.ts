import {databases} from '@stowage/test-servers/databases';
import {addRepository} from '@stowage/test-servers/metadata-world';
import test from 'ava';
import type {DatabaseOptions} from '../../database-options.ts';
import {openMetadata} from '../../open-metadata.ts';
import type {Database} from '../database.ts';
import {MysqlDatabase} from '../mysql-database.ts';
import {SqliteDatabase} from '../sqlite-database.ts';
import {createTableSql} from './create-table-sql.ts';
import {migrate} from './migrate.ts';
import {allTables} from './all-tables.ts';

function open(options: DatabaseOptions): Promise<Database> {
	return options.client === 'sqlite' ? SqliteDatabase.open(options) : MysqlDatabase.open(options);
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('an empty database can be opened by several at once'), async t => {
		const {options, cleanup} = await database.open();
		t.teardown(cleanup);
		const stores = await Promise.all(Array.from({length: 4}, () => openMetadata(options)));
		stores.forEach(store => t.teardown(() => store.close()));
		const made = await addRepository(stores[0]!, 'docker-local');
		t.is((await stores[3]!.definitions.find('docker-local'))?.id, made.id);
	});

	test(on('rows are there after the database was closed and opened again'), async t => {
		const {options, cleanup} = await database.open();
		t.teardown(cleanup);
		const first = await openMetadata(options);
		await first.settings.set('name', 'value');
		await first.close();
		const second = await openMetadata(options);
		t.teardown(() => second.close());
		t.is(await second.settings.find('name'), 'value');
	});

	test(on('a start that was killed at any table is finished by the next'), async t => {
		for (const [done] of allTables.entries()) {
			const {options, cleanup} = await database.open();
			t.teardown(cleanup);
			const half = await open(options);
			const connection = await half.acquire();
			const collation = await half.binaryCollation(connection);
			for (const table of allTables.slice(0, done)) {
				for (const sql of createTableSql(table, collation)) {
					await half.knex.raw(sql).connection(connection);
				}
			}
			await half.release(connection, false);
			await migrate(half);
			await migrate(half);
			const applied = await half.select<{name: string}>('select name from migrations', []);
			t.is(applied.length, allTables.length);
			await half.close();
		}
	});
}

test('a migration that fails leaves the file as it was, and the next start goes on', async t => {
	const opened = await SqliteDatabase.open({client: 'sqlite', file: ':memory:'});
	t.teardown(() => opened.close());
	const list = () => opened.select<{name: string}>('select name from sqlite_schema order by name', []);
	await opened.knex.raw('create view blobs as select 1 as id');
	await t.throwsAsync(migrate(opened), {code: 'ERR_SQLITE_ERROR'});
	t.deepEqual(
		(await list()).map(({name}) => name),
		['blobs'],
	);
	await opened.knex.raw('drop view blobs');
	await migrate(opened);
	t.true((await list()).some(({name}) => name === 'image_blobs'));
});
