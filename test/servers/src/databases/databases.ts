import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {DatabaseOptions} from '@stowage/core/metadata';
import {registerSharedWorker} from 'ava/plugin';
import type {MariadbAnswer} from './mariadb-worker.ts';
import {type MariadbAddress, createMariadbDatabase} from './mariadb.ts';

/** An empty database that nobody else uses. */
export interface OpenedDatabase {
	readonly options: DatabaseOptions;
	/** Removes it. To be called when nothing is connected to it any more. */
	readonly cleanup: () => Promise<void>;
}

export interface TestDatabase {
	readonly name: 'sqlite' | 'mysql';
	readonly open: () => Promise<OpenedDatabase>;
}

/**
 * The kinds of database to run the tests of a file on; made for a loop around them. The environment variable `DATABASES`
 * picks, as in `DATABASES=sqlite` or `DATABASES=sqlite,mysql`, which is what it is without it. Called while the test
 * file is loaded, because ava wants to know then what the file needs.
 */
export function databases(): readonly TestDatabase[] {
	const names = (process.env.DATABASES ?? 'sqlite,mysql').split(',');
	return names.map(name => {
		switch (name) {
			case 'sqlite':
				return {name, open: openSqlite};
			case 'mysql':
				return {name, open: mariadbOpener()};
			default:
				throw new Error(`DATABASES: there is no "${name}", only sqlite and mysql`);
		}
	});
}

/** In a file, which several stores and processes can open, as they do in earnest. */
async function openSqlite(): Promise<OpenedDatabase> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-sqlite-'));
	return {
		options: {client: 'sqlite', file: join(folder, 'metadata.db')},
		cleanup: () => rm(folder, {recursive: true, force: true}),
	};
}

function mariadbOpener(): () => Promise<OpenedDatabase> {
	const worker = registerSharedWorker({
		filename: new URL('mariadb-worker.ts', import.meta.url),
		supportedProtocols: ['ava-4'],
	});
	let asked: Promise<MariadbAddress> | undefined;
	const ask = async () => {
		await worker.available;
		for await (const reply of worker.publish('address').replies()) {
			const answer = reply.data as MariadbAnswer;
			if ('failure' in answer) {
				throw new Error(answer.failure);
			}
			return answer.address;
		}
		throw new Error('the process that starts MariaDB has ended');
	};
	return async () => {
		asked ??= ask();
		const address = await asked;
		const database = await createMariadbDatabase(address);
		return {options: {client: 'mysql', ...address, database: database.name}, cleanup: database.drop};
	};
}
