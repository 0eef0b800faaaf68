import type {Stats} from 'ssh2';
import {StatusError, isFailure, isMissing} from './errors.ts';
import type {Session} from './session.ts';

/** Attributes of what is at `path` itself, be it a link; undefined when there is nothing. */
export async function attributesOf(session: Session, path: string): Promise<Stats | undefined> {
	try {
		return await session.request<Stats>(`lstat ${path}`, (channel, done) => channel.lstat(path, done));
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}
		throw error;
	}
}

/** Gives a file another name, also one that another file has. */
export async function rename(session: Session, from: string, to: string): Promise<void> {
	const asked = `rename ${from} to ${to}`;
	if (session.offers('posix-rename@openssh.com')) {
		return session.request(asked, (channel, done) => channel.ext_openssh_rename(from, to, done));
	}
	const plainly = () => session.request(asked, (channel, done) => channel.rename(from, to, done));
	try {
		await plainly();
	} catch (error) {
		if (!(error instanceof StatusError) || isMissing(error) || !(await remove(session, to))) {
			throw error;
		}
		await plainly();
	}
}

/** Resolves to whether there was something to remove. */
export async function remove(session: Session, path: string): Promise<boolean> {
	try {
		await session.request(`remove ${path}`, (channel, done) => channel.unlink(path, done));
		return true;
	} catch (error) {
		if (isMissing(error)) {
			return false;
		}
		throw error;
	}
}

/** Makes an empty file in the place of any other. A link there is removed and not followed. */
export async function createFile(session: Session, path: string, mode: number): Promise<void> {
	const create = async () => {
		const handle = await session.request<Buffer>(`create ${path}`, (channel, done) =>
			channel.open(path, 'wx', {mode}, done),
		);
		await closeFile(session, handle);
	};
	try {
		await create();
	} catch (error) {
		if (!isFailure(error) || !(await remove(session, path))) {
			throw error;
		}
		await create();
	}
}

/** Opens a file that is there. The caller has to close it. */
export function openFile(session: Session, path: string, mode: 'r' | 'r+'): Promise<Buffer> {
	return session.request<Buffer>(`open ${path}`, (channel, done) => channel.open(path, mode, done));
}

export function closeFile(session: Session, handle: Buffer): Promise<void> {
	return session.request('close', (channel, done) => channel.close(handle, done));
}

/** Runs `use` with an open file and closes it. */
export async function withFile<Result>(
	session: Session,
	path: string,
	mode: 'r' | 'r+',
	use: (handle: Buffer) => Promise<Result>,
): Promise<Result> {
	const handle = await openFile(session, path, mode);
	let result: Result;
	try {
		result = await use(handle);
	} catch (error) {
		// What went wrong first tells more than what goes wrong because of it.
		await closeFile(session, handle).catch(() => undefined);
		throw error;
	}
	await closeFile(session, handle);
	return result;
}

/** Puts the bytes of a file on the disk of the server, if it offers that. */
export async function syncFile(session: Session, handle: Buffer): Promise<void> {
	if (session.offers('fsync@openssh.com')) {
		await session.request('fsync', (channel, done) => channel.ext_openssh_fsync(handle, done));
	}
}
