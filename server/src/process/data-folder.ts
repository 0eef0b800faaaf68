import {mkdir, open} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Configuration} from '../config/configuration.ts';

/**
 * Makes the folder of everything kept here, for this user alone, and the file of an SQLite database likewise: it holds
 * the keys that sign tokens. What is there already keeps its modes. Rejects with `DataFolderError`.
 */
export async function prepareDataFolder({data, database}: Configuration): Promise<void> {
	try {
		await mkdir(data, {recursive: true, mode: 0o700});
		if (database.client === 'sqlite') {
			await mkdir(dirname(database.file), {recursive: true, mode: 0o700});
			await using file = await open(database.file, 'a', 0o600);
			await file.datasync();
		}
	} catch (error) {
		throw new DataFolderError(data, error as Error);
	}
}

class DataFolderError extends Error {
	readonly code = 'DATA_FOLDER';

	constructor(data: string, cause: Error) {
		super(`cannot use the data folder ${data}: ${cause.message}; name another one with --data or STOWAGE_DATA`, {
			cause,
		});
		this.name = 'DataFolderError';
	}
}
