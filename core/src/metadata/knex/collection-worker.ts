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
const checkpointing = setInterval(checkpoint, checkpointEveryMs);

/** For what others write, who leave it to this thread. */
function checkpoint(): void {
	try {
		checkpoints.exec('pragma wal_checkpoint(passive)');
	} catch {
		// The next one tries again; what is not moved stays in the journal.
	}
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
		clearInterval(checkpointing);
		checkpoint();
		checkpoints.close();
		void database.close().then(() => parentPort?.close());
	} else {
		void collect(call).then(answer => parentPort?.postMessage(answer, []));
	}
});
