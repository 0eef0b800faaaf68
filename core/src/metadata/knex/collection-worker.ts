import {DatabaseSync} from 'node:sqlite';
import {parentPort, workerData} from 'node:worker_threads';
import type {SqliteOptions} from '../database-options.ts';
import {KnexBlobRecords} from './blob-records.ts';
import type {CollectionAnswer, CollectionCall} from './collection-thread.ts';
import {Session} from './session.ts';
import {SqliteDatabase} from './sqlite-database.ts';

/** How much can be written meanwhile is what the next commit of another process may have to move. */
const checkpointEveryMs = 500;

/** Does what it is told on a connection of its own, one call after the other. Whoever made it has brought the tables up to date. */
const options = workerData as SqliteOptions;
const database = await SqliteDatabase.open(options);
const records = new KnexBlobRecords(new Session(database));
const checkpoints = new DatabaseSync(options.file, {timeout: 0});
let checkpointAt = performance.now() + checkpointEveryMs;

/** For what others write, who leave it to this thread. */
function checkpoint(): void {
	if (performance.now() >= checkpointAt) {
		checkpoints.exec('pragma wal_checkpoint(passive)');
		checkpointAt = performance.now() + checkpointEveryMs;
	}
}

async function answer(call: CollectionCall): Promise<void> {
	parentPort?.postMessage(await collect(call), []);
	checkpoint();
}

async function collect({id, call}: CollectionCall): Promise<CollectionAnswer> {
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
		checkpoints.close();
		void database.close().then(() => parentPort?.close());
	} else {
		void answer(call);
	}
});
