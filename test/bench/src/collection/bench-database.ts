import {join} from 'node:path';
import type {DatabaseOptions} from '@stowage/core/metadata';
import {type ConnectionOptions, createConnection} from 'mysql2/promise';
import {startMariadb} from '@stowage/test-servers';

/** An empty database of its own, to be closed. */
export interface BenchDatabase {
	readonly options: DatabaseOptions;
	readonly close: () => Promise<void>;
}

/** What tests have is too little for a million rows, as it would be for whoever runs such a registry. */
async function giveRoom(address: ConnectionOptions): Promise<void> {
	const connection = await createConnection(address);
	try {
		await connection.query('set global innodb_buffer_pool_size = 1073741824');
		await connection.query('set global innodb_log_file_size = 536870912');
	} finally {
		await connection.end();
	}
}

export const benchDatabases = {
	sqlite: async (folder: string): Promise<BenchDatabase> => ({
		options: {client: 'sqlite', file: join(folder, 'bench.sqlite')},
		close: async () => undefined,
	}),
	mariadb: async (): Promise<BenchDatabase> => {
		const server = await startMariadb();
		const {name} = await server.createDatabase();
		const {host, port, user, password} = server;
		await giveRoom({host, port, user, password});
		return {
			options: {client: 'mysql', host, port, user, password, database: name},
			close: () => server.stop(),
		};
	},
};

export type BenchDatabaseName = keyof typeof benchDatabases;
