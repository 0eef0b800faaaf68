import {verifyBlobs} from '@stowage/core';
import {faultLine} from './fault-line.ts';
import {FaultyStorageError} from './faulty-storage-error.ts';
import type {ConfigurationOptions} from './program.ts';
import {ProgressBar} from './progress-bar.ts';
import {withStorages} from './with-storages.ts';

interface VerifyStorageOptions extends ConfigurationOptions {
	/** MiB a second. */
	readonly rate?: number;
	readonly parallel: number;
}

/**
 * Reads and compares all blobs of a storage and prints what is not as it should be, as soon as it is found. Rejects when a
 * blob is missing, wrong or unreadable.
 */
export async function verifyStorage(name: string, options: VerifyStorageOptions): Promise<void> {
	const {rate, parallel} = options;
	await withStorages([name], options, async ({configuration, metadata, storages, signal}) => {
		const [storage] = storages as [(typeof storages)[0]];
		const {blobs, bytes} = await metadata.blobs.totals(name);
		const bar = new ProgressBar({done: blobs, bytes});
		const counts = {missing: 0, wrong: 0, unreadable: 0, unreferenced: 0};
		const verified = await verifyBlobs(
			{
				metadata,
				storage,
				parallel,
				gracePeriodMs: configuration.gracePeriodSeconds * 1000,
				bytesPerSecond: rate === undefined ? undefined : rate * 1024 * 1024,
				onFault: fault => {
					counts[fault.kind] += 1;
					bar.print(faultLine(fault));
				},
				onProgress: progress => bar.show({done: progress.blobs, bytes: progress.bytes}),
			},
			{signal},
		).finally(() => bar.end());
		const {missing, wrong, unreadable, unreferenced} = counts;
		process.stdout.write(
			`${verified.blobs} blobs (${verified.bytes} bytes) of "${name}" read: ${missing} missing, ${wrong} wrong, ${unreadable} unreadable; ${unreferenced} objects unreferenced\n`,
		);
		if (missing + wrong + unreadable > 0) {
			throw new FaultyStorageError(name);
		}
	});
}
