import {FullError, isFailure} from './errors.ts';
import type {Session} from './session.ts';

/** A disk with less than this is full: what one write carries does not fit any more. */
const room = 1024 * 1024;

interface FileSystem {
	readonly f_frsize: number;
	readonly f_bavail: number;
	readonly f_files: number;
	readonly f_favail: number;
}

/** Runs `work`; when the server says no more than that it failed, looks whether that is for want of room below `folder`. */
export async function orFull<Result>(session: Session, folder: string, work: () => Promise<Result>): Promise<Result> {
	try {
		return await work();
	} catch (error) {
		if (isFailure(error) && (await isFull(session, folder))) {
			throw new FullError(`there is no room left in ${folder}`, {cause: error});
		}
		throw error;
	}
}

async function isFull(session: Session, folder: string): Promise<boolean> {
	if (!session.offers('statvfs@openssh.com')) {
		return false;
	}
	const found = await session.request<FileSystem>(`statvfs ${folder}`, (channel, done) =>
		channel.ext_openssh_statvfs(folder, done),
	);
	// File systems without a fixed number of files tell none at all.
	return found.f_bavail * found.f_frsize < room || (found.f_files > 0 && found.f_favail === 0);
}
