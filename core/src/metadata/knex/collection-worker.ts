import {parentPort, workerData} from 'node:worker_threads';
import type {DatabaseOptions} from '../database-options.ts';
import {openMetadata} from '../open-metadata.ts';
import type {CollectionAnswer, CollectionCall} from './collection-thread.ts';

/** Does what it is told on a connection of its own, one call after the other. */
const store = await openMetadata(workerData as DatabaseOptions);

async function answer({id, call}: CollectionCall): Promise<CollectionAnswer> {
	try {
		const result =
			call.name === 'releaseUnreferenced'
				? await store.blobs.releaseUnreferenced(...call.parameters)
				: await store.blobs.takeUnheld(...call.parameters);
		return {id, result};
	} catch (error) {
		return {id, failure: error instanceof Error ? error.message : String(error)};
	}
}

parentPort?.on('message', (call: CollectionCall | 'close') => {
	if (call === 'close') {
		void store.close().then(() => parentPort?.close());
	} else {
		void answer(call).then(answered => parentPort?.postMessage(answered, []));
	}
});
