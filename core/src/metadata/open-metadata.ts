import type {DatabaseOptions} from './database-options.ts';
import {KnexMetadataStore} from './knex/metadata-store.ts';
import {migrate} from './knex/migrations/migrate.ts';
import {MysqlDatabase} from './knex/mysql-database.ts';
import {Session} from './knex/session.ts';
import {SqliteDatabase} from './knex/sqlite-database.ts';
import type {MetadataStore} from './metadata-store.ts';

/** Opens the database and brings its tables up to date. Any number of processes may do so at once. */
export async function openMetadata(options: DatabaseOptions): Promise<MetadataStore> {
	const database = options.client === 'sqlite' ? await SqliteDatabase.open(options) : await MysqlDatabase.open(options);
	try {
		await migrate(database);
	} catch (error) {
		await database.close();
		throw error;
	}
	return new KnexMetadataStore(new Session(database));
}
