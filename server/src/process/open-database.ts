import type {MetadataStore} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import type {DatabaseConfiguration} from '../config/configuration.ts';

/** Opens the configured database and brings its tables up to date. */
export async function openDatabase(database: DatabaseConfiguration): Promise<MetadataStore> {
	try {
		return await openMetadata(
			database.client === 'sqlite' ? database : {...database, tls: database.tls ? {} : undefined},
		);
	} catch (error) {
		throw new DatabaseError(database, error as Error);
	}
}

class DatabaseError extends Error {
	readonly code = 'DATABASE_NOT_OPENED';

	constructor(database: DatabaseConfiguration, cause: Error) {
		const place =
			database.client === 'sqlite' ? database.file : `${database.database} at ${database.host}:${database.port}`;
		super(`database ${place} cannot be opened: ${cause.message}`, {cause});
		this.name = 'DatabaseError';
	}
}
