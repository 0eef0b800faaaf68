import {type Abortable, type StoredObject, isStorageKey} from '@stowage/core';
import type {FileEntryWithStats} from 'ssh2';
import {isEnd, isMissing} from './errors.ts';
import {closeFile} from './files.ts';
import type {RootFolder} from './root-folder.ts';
import type {SessionPool} from './session-pool.ts';
import type {Session} from './session.ts';

/** Folders read at a time: each costs four answers of the server, and there may be one for every object. */
const foldersAtOnce = 8;

interface Content {
	/** What the keys in the folder start with. */
	readonly below: string;
	readonly entries: readonly FileEntryWithStats[];
}

/** Every file below the root whose key starts with `prefix`. Links, and whatever has no name of a key, are passed over. */
export async function* listObjects(
	pool: SessionPool,
	root: RootFolder,
	prefix: string,
	{signal}: Abortable = {},
): AsyncIterable<StoredObject> {
	const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
	const there = await pool.run(session => root.has(session, pathOf(root, start)), {signal});
	const folders = there ? [start] : [];
	const reading: Promise<Content>[] = [];
	while (folders.length > 0 || reading.length > 0) {
		while (folders.length > 0 && reading.length < foldersAtOnce) {
			const below = folders.pop()!;
			const content = pool.run(session => contentOf(session, root, below), {signal});
			// Whoever waits for it is told; until then its failure is nobody's unhandled rejection.
			content.catch(() => undefined);
			reading.push(content);
		}
		const {below, entries} = await reading.shift()!;
		for (const {filename, attrs} of entries) {
			signal?.throwIfAborted();
			const key = below + filename;
			if (!isStorageKey(filename) || !(key.startsWith(prefix) || prefix.startsWith(`${key}/`))) {
				continue;
			}
			if (attrs.isDirectory()) {
				folders.push(`${key}/`);
			} else if (attrs.isFile()) {
				yield {key, size: attrs.size, modifiedAt: new Date(attrs.mtime * 1_000)};
			}
		}
	}
}

/** Nothing when the folder is not there any more. */
async function contentOf(session: Session, root: RootFolder, below: string): Promise<Content> {
	try {
		return {below, entries: await readFolder(session, pathOf(root, below))};
	} catch (error) {
		if (isMissing(error)) {
			return {below, entries: []};
		}
		throw error;
	}
}

async function readFolder(session: Session, folder: string): Promise<FileEntryWithStats[]> {
	const asked = `list ${folder}`;
	const handle = await session.request<Buffer>(asked, (channel, done) => channel.opendir(folder, done));
	const every: FileEntryWithStats[] = [];
	try {
		for (;;) {
			every.push(
				...(await session.request<FileEntryWithStats[]>(asked, (channel, done) => channel.readdir(handle, done))),
			);
		}
	} catch (error) {
		if (!isEnd(error)) {
			throw error;
		}
		return every;
	} finally {
		await closeFile(session, handle).catch(() => undefined);
	}
}

function pathOf(root: RootFolder, below: string): string {
	return below === '' ? root.path : root.pathOf(below.slice(0, -1));
}
