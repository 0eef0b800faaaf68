import {moveBlobs} from '@stowage/core';
import {ConfigError} from '../config/config-error.ts';
import {faultLine} from './fault-line.ts';
import type {ConfigurationOptions} from './program.ts';
import {ProgressBar} from './progress-bar.ts';
import {withStorages} from './with-storages.ts';

interface MoveStorageOptions extends ConfigurationOptions {
	/** MiB a second. */
	readonly rate?: number;
	readonly parallel: number;
	/** Seconds. */
	readonly linger: number;
	readonly dryRun?: boolean;
}

/** Moves all blobs of a storage to another, and prints which stay as soon as that is known. Rejects when some do. */
export async function moveStorage(from: string, to: string, options: MoveStorageOptions): Promise<void> {
	if (from === to) {
		throw new ConfigError([{source: 'storages', message: `"${from}" is where the blobs are already`}]);
	}
	const {rate, parallel, linger, dryRun = false} = options;
	await withStorages([from, to], options, async ({metadata, storages, logger, signal}) => {
		const [source, target] = storages as [(typeof storages)[0], (typeof storages)[0]];
		const {blobs, bytes} = await metadata.blobs.totals(from);
		const bar = new ProgressBar({done: blobs, bytes});
		const moved = await moveBlobs(
			{
				metadata,
				from: source,
				to: target,
				logger,
				parallel,
				dryRun,
				bytesPerSecond: rate === undefined ? undefined : rate * 1024 * 1024,
				lingerMs: linger * 1000,
				onFault: fault => bar.print(faultLine(fault)),
				onProgress: progress => bar.show({done: progress.blobs, bytes: progress.bytes}),
			},
			{signal},
		).finally(() => bar.end());
		const verb = dryRun ? 'would be' : 'are';
		process.stdout.write(
			`${moved.blobs} blobs (${moved.bytes} bytes) ${verb} moved from "${from}" to "${to}"; ${moved.known} of them were there already, ${moved.repaired} were there and broken\n`,
		);
		await tellWhoWrites(metadata, from);
		if (moved.broken > 0) {
			throw new BrokenBlobsError(`${moved.broken} blobs of "${from}" are missing, wrong or unreadable, and stay`);
		}
	});
}

/** What is pushed to these goes to the old storage still. */
async function tellWhoWrites(metadata: Parameters<typeof moveBlobs>[0]['metadata'], storage: string): Promise<void> {
	const keys = (await metadata.definitions.list()).filter(definition => definition.storage === storage);
	if (keys.length > 0) {
		const names = keys.map(({key}) => key).join(', ');
		process.stdout.write(`still written to "${storage}": ${names}; give them another storage and move again\n`);
	}
}

class BrokenBlobsError extends Error {
	override readonly name = 'BrokenBlobsError';
	readonly code = 'BLOBS_BROKEN';
}
