import {parentPort, workerData} from 'node:worker_threads';
import type {SqliteOptions} from '../database-options.ts';
import {KnexBlobRecords} from './blob-records.ts';
import type {CollectionAnswer, CollectionCall} from './collection-thread.ts';
import {Session} from './session.ts';
import {SqliteDatabase} from './sqlite-database.ts';

/** Does what it is told on a connection of its own, one call after the other. Whoever made it has brought the tables up to date. */
const database = await SqliteDatabase.open(workerData as SqliteOptions);
const records = new KnexBlobRecords(new Session(database));

async function answer({id, call}: CollectionCall): Promise<CollectionAnswer> {
	try {
		const result =
			call.name === 'releaseUnreferenced'
				? await records.releaseUnreferenced(...call.parameters)
				: await records.takeUnheld(...call.parameters);
		return {id, result};
	} catch (error) {
		return {id, failure: error instanceof Error ? error.message : String(error)};
	}
}

parentPort?.on('message', (call: CollectionCall | 'close') => {
	if (call === 'close') {
		void database.close().then(() => parentPort?.close());
	} else {
		void answer(call).then(answered => parentPort?.postMessage(answered, []));
	}
});
