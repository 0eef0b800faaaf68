import {join} from 'node:path';
import type {DatabaseOptions} from '@stowage/core/metadata';
import {startMariadb} from '@stowage/test-servers';

/** An empty database of its own, to be closed. */
export interface BenchDatabase {
	readonly options: DatabaseOptions;
	readonly close: () => Promise<void>;
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
		return {
			options: {client: 'mysql', host, port, user, password, database: name},
			close: () => server.stop(),
		};
	},
};

export type BenchDatabaseName = keyof typeof benchDatabases;
