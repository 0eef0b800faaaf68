import type {Dir, Dirent} from 'node:fs';
import {lstat, opendir} from 'node:fs/promises';
import {join} from 'node:path';
import {type Abortable, type StoredObject, isStorageKey} from '@stowage/core';
import {isMissing} from './errors.ts';
import type {RootFolder} from './root-folder.ts';

/** Every file below the root whose key starts with `prefix`. Links, and whatever has no name of a key, are passed over. */
export async function* listObjects(
	root: RootFolder,
	prefix: string,
	{signal}: Abortable = {},
): AsyncIterable<StoredObject> {
	const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
	yield* walk(folder);

	async function* walk(below: string): AsyncIterable<StoredObject> {
		for await (const entry of await entriesOf(root, below)) {
			signal?.throwIfAborted();
			const key = below + entry.name;
			if (!isStorageKey(entry.name) || !(key.startsWith(prefix) || prefix.startsWith(`${key}/`))) {
				continue;
			}
			if (entry.isDirectory()) {
				yield* walk(`${key}/`);
			} else if (entry.isFile()) {
				yield* objectAt(root, key);
			}
		}
	}
}

async function entriesOf(root: RootFolder, below: string): Promise<Dir | Iterable<Dirent>> {
	const path = join(root.path, below, '.');
	try {
		await root.verify(path);
		return await opendir(path);
	} catch (error) {
		if (isMissing(error)) {
			return [];
		}
		throw error;
	}
}

/** Nothing when it was deleted after its folder was read. */
async function* objectAt(root: RootFolder, key: string): AsyncIterable<StoredObject> {
	try {
		const {size, mtime} = await lstat(root.pathOf(key));
		yield {key, size, modifiedAt: mtime};
	} catch (error) {
		if (!isMissing(error)) {
			throw error;
		}
	}
}
