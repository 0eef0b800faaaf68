import {reindexBlobs} from '@stowage/core';
import {faultLine} from './fault-line.ts';
import {FaultyStorageError} from './faulty-storage-error.ts';
import type {ConfigurationOptions} from './program.ts';
import {withStorages} from './with-storages.ts';

interface ReindexStorageOptions extends ConfigurationOptions {
	readonly verify?: boolean;
	readonly dryRun?: boolean;
}

/** Makes rows of all blobs that a storage has and the database does not know. Rejects when some could not be read. */
export async function reindexStorage(name: string, options: ReindexStorageOptions): Promise<void> {
	const {verify, dryRun = false} = options;
	await withStorages([name], options, async ({metadata, storages, signal}) => {
		const [storage] = storages as [(typeof storages)[0]];
		const {seen, added, double, wrong, unreadable} = await reindexBlobs(
			{metadata, storage, verify, dryRun, onFault: fault => process.stdout.write(faultLine(fault))},
			{signal},
		);
		process.stdout.write(
			`${seen} objects of "${name}" seen: ${added} blobs ${dryRun ? 'would be' : 'were'} added, ${double} objects are second ones, ${wrong} have wrong bytes, ${unreadable} are unreadable\n`,
		);
		if (unreadable > 0) {
			throw new FaultyStorageError(name);
		}
	});
}
