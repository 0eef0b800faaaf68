import {createHash} from 'node:crypto';
import {readdir, readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {type Logger, Storage, collectUnheldBlobs, expireIdleUploads, sweepUnknownObjects} from '@stowage/core';
import {type DatabaseOptions, openMetadata} from '@stowage/core/metadata';
import filesystem from '@stowage/filesystem';

/** Where a registry with `folder` keeps its blobs unless its configuration says otherwise. */
export function storageFolder(folder: string): string {
	return join(folder, 'data', 'storage');
}

/** Does at once, for everything, what the registry does now and then for what is old enough. */
export async function collectLeftovers(folder: string, database: DatabaseOptions): Promise<void> {
	const type = filesystem.storageDrivers![0]!;
	const options = {root: storageFolder(folder), durable: true, fileMode: '0640', folderMode: '0750'};
	const context = {name: 'default', logger: silent, signal: AbortSignal.timeout(10_000)};
	const storage = new Storage('default', await type.create(options, context));
	const metadata = await openMetadata(database);
	try {
		const storages = new Map([['default', storage]]);
		await expireIdleUploads({metadata, storages, logger: silent, idleMs: 0});
		await collectUnheldBlobs({metadata, storages, logger: silent, gracePeriodMs: 0});
		await sweepUnknownObjects({metadata, storage, gracePeriodMs: 0, pauseMs: 0});
	} finally {
		await metadata.close();
		await storage.close();
	}
}

const silent: Logger = {
	debug: () => undefined,
	info: () => undefined,
	warn: () => undefined,
	error: () => undefined,
	child: () => silent,
};

export interface StoredFiles {
	/** Digests that the paths of blobs tell, each as often as there is a file. */
	readonly blobs: readonly string[];
	/** Paths of blobs whose content is another. */
	readonly wrong: readonly string[];
	/** Paths of all other files: of uploads, and whatever else there may be. */
	readonly others: readonly string[];
}

/** Reads every file of the storage. */
export async function readStoredFiles(folder: string): Promise<StoredFiles> {
	const [blobs, wrong, others]: [string[], string[], string[]] = [[], [], []];
	const root = storageFolder(folder);
	for (const entry of await readdir(root, {recursive: true, withFileTypes: true})) {
		const file = join(entry.parentPath, entry.name);
		// A blob is at blobs/sha256/<2 hex>/<hex>/<upload>.
		const hex = basename(dirname(file));
		if (!entry.isFile()) {
			continue;
		}
		if (!file.startsWith(join(root, 'blobs', 'sha256', hex.slice(0, 2), hex))) {
			others.push(file);
			continue;
		}
		blobs.push(`sha256:${hex}`);
		const content = await readFile(file);
		if (createHash('sha256').update(content).digest('hex') !== hex) {
			wrong.push(file);
		}
	}
	return {blobs, wrong, others};
}
