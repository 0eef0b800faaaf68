import type {CollectionRecords} from './blob-records.ts';
import type {DatabaseOptions} from './database-options.ts';
import {CollectionThread} from './knex/collection-thread.ts';
import type {MetadataStore} from './metadata-store.ts';

export interface OpenedCollection {
	readonly records: CollectionRecords;
	/** To be called when no call is under way. */
	readonly close: () => Promise<void>;
}

/**
 * What a collection works with beside requests that the process serves: for SQLite, whose commits wait for the disk, a
 * thread of its own; otherwise the store itself. Made for one collection and closed after it.
 */
export function openCollection(
	options: Pick<DatabaseOptions, 'client'> & {readonly file?: string},
	store: Pick<MetadataStore, 'blobs'>,
): OpenedCollection {
	const {client, file} = options;
	// What is in memory is there for its own connection only.
	if (client !== 'sqlite' || file === undefined || file === ':memory:') {
		return {records: store.blobs, close: async () => undefined};
	}
	const thread = new CollectionThread({client, file});
	return {records: thread, close: () => thread.close()};
}
