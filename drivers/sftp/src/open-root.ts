import {randomUUID} from 'node:crypto';
import {dirname, join} from 'node:path/posix';
import type {Stats} from 'ssh2';
import {OutsideRootError, isMissing} from './errors.ts';
import {createFile, remove} from './files.ts';
import {orFull} from './full-disk.ts';
import {RootFolder, makeFolder} from './root-folder.ts';
import type {Session} from './session.ts';

/** Makes the folder on the server when it is missing and tries to write in it. */
export async function openRoot(session: Session, root: string, mode: number): Promise<RootFolder> {
	await orFull(session, '.', () => makeFolders(session, root, mode));
	const path = await session.request<string>(`look up ${root}`, (channel, done) => channel.realpath(root, done));
	const probe = join(path, `probe-${randomUUID()}~`);
	await orFull(session, path, () => createFile(session, probe, 0o600));
	await remove(session, probe);
	return new RootFolder(path, mode);
}

async function makeFolders(session: Session, folder: string, mode: number): Promise<void> {
	try {
		const attributes = await session.request<Stats>(`stat ${folder}`, (channel, done) => channel.stat(folder, done));
		if (!attributes.isDirectory()) {
			throw new OutsideRootError(`${folder} is not a folder; name another in "root"`);
		}
	} catch (error) {
		if (!isMissing(error) || dirname(folder) === folder) {
			throw error;
		}
		await makeFolders(session, dirname(folder), mode);
		await makeFolder(session, folder, mode);
	}
}
