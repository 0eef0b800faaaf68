import {randomUUID} from 'node:crypto';
import {type FileHandle, open, rm} from 'node:fs/promises';
import {join} from 'node:path';

/** A file of the folder that has no name any more as soon as it is open, so that a crash leaves nothing of it. */
export async function openNamelessFile(folder: string): Promise<FileHandle> {
	const path = join(folder, `${randomUUID()}.spool`);
	const file = await open(path, 'wx+', 0o600);
	await rm(path, {force: true});
	return file;
}
