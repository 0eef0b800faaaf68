import {type BlobFault, verifyBlobs} from '@stowage/core';
import type {ConfigurationOptions} from './program.ts';
import {ProgressBar} from './progress-bar.ts';
import {withStorages} from './with-storages.ts';

interface VerifyStorageOptions extends ConfigurationOptions {
	/** MiB a second. */
	readonly rate?: number;
	readonly parallel: number;
}

/** Reads and compares all blobs of a storage and prints what is not as it should be. Rejects when a blob is missing or wrong. */
export async function verifyStorage(name: string, options: VerifyStorageOptions): Promise<void> {
	const {rate, parallel} = options;
	await withStorages([name], options, async ({configuration, metadata, storages, signal}) => {
		const [storage] = storages as [(typeof storages)[0]];
		const {blobs, bytes} = await metadata.blobs.totals(name);
		const bar = new ProgressBar({done: blobs, bytes});
		const faults: BlobFault[] = [];
		const verified = await verifyBlobs(
			{
				metadata,
				storage,
				parallel,
				gracePeriodMs: configuration.gracePeriodSeconds * 1000,
				bytesPerSecond: rate === undefined ? undefined : rate * 1024 * 1024,
				onFault: fault => faults.push(fault),
				onProgress: progress => bar.show({done: progress.blobs, bytes: progress.bytes}),
			},
			{signal},
		).finally(() => bar.end());
		for (const fault of faults) {
			process.stdout.write(`${lineOf(fault)}\n`);
		}
		const count = (kind: BlobFault['kind']) => faults.filter(fault => fault.kind === kind).length;
		process.stdout.write(
			`${verified.blobs} blobs (${verified.bytes} bytes) of "${name}" read: ${count('missing')} missing, ${count('wrong')} wrong; ${count('unreferenced')} objects unreferenced\n`,
		);
		if (count('missing') + count('wrong') > 0) {
			throw new FaultyStorageError(`storage "${name}" has not all that it should have`);
		}
	});
}

function lineOf(fault: BlobFault): string {
	if (fault.kind === 'unreferenced') {
		return `unreferenced  ${fault.object.key} (${fault.object.size} bytes)`;
	}
	const {digest, key} = fault.blob;
	return fault.kind === 'missing' ? `missing       ${digest} at ${key}` : `wrong         ${fault.message}`;
}

class FaultyStorageError extends Error {
	override readonly name = 'FaultyStorageError';
	readonly code = 'STORAGE_FAULTY';
}
