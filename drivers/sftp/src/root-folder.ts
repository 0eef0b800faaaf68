import {dirname, join, relative} from 'node:path/posix';
import type {Stats} from 'ssh2';
import {ConnectionError, OutsideRootError, isFailure, isMissing} from './errors.ts';
import {attributesOf} from './files.ts';
import type {Session} from './session.ts';

/** Turns in which a folder may vanish under a call, because others delete what is beside. */
const maxAttempts = 20;
/** How long a folder that was found to be one is believed to be. */
const believedMilliseconds = 5_000;
const maxBelieved = 10_000;

/** The folders below one root of a server: makes and removes them, and sees to it that none of them is a link. */
export class RootFolder {
	/** Absolute, as the server tells it. */
	readonly path: string;
	readonly #mode: number;
	readonly #believed = new Map<string, number>();

	constructor(path: string, mode: number) {
		this.path = path;
		this.#mode = mode;
	}

	/** Where the object of a key is. */
	pathOf(key: string): string {
		return join(this.path, key);
	}

	/** Rejects when the root has gone. */
	async check(session: Session): Promise<void> {
		const attributes = await session.request<Stats>(`stat ${this.path}`, (channel, done) =>
			channel.stat(this.path, done),
		);
		if (!attributes.isDirectory()) {
			throw new OutsideRootError(`${this.path} is not a folder`);
		}
	}

	/** Whether the folder is there. Rejects with {@link OutsideRootError} when it or one above is a link. */
	async has(session: Session, folder: string): Promise<boolean> {
		if (folder === this.path || (this.#believed.get(folder) ?? -Infinity) + believedMilliseconds > performance.now()) {
			return true;
		}
		this.#believed.delete(folder);
		if (!(await this.has(session, dirname(folder)))) {
			return false;
		}
		const attributes = await attributesOf(session, folder);
		if (attributes?.isSymbolicLink() === true) {
			throw new OutsideRootError(`${folder} is a link, and none is followed below ${this.path}`);
		}
		const there = attributes?.isDirectory() === true;
		if (there) {
			this.#believe(folder);
		}
		return there;
	}

	/** Runs `act` with the folder in place, and again when somebody removes the folder meanwhile because it is empty. */
	async within<Result>(session: Session, folder: string, act: () => Promise<Result>): Promise<Result> {
		for (let attempt = 1; ; attempt += 1) {
			try {
				await this.#ensure(session, folder);
				return await act();
			} catch (error) {
				if (!isMissing(error) || attempt === maxAttempts) {
					throw error;
				}
				this.#forget(folder);
			}
		}
	}

	/** Removes folders that have become empty, from `folder` up to but not including those directly below the root. */
	async prune(session: Session, folder: string): Promise<void> {
		for (let path = folder; relative(this.path, path).includes('/'); path = dirname(path)) {
			this.#believed.delete(path);
			try {
				await session.request(`remove ${path}`, (channel, done) => channel.rmdir(path, done));
			} catch (error) {
				if (error instanceof ConnectionError) {
					throw error;
				}
				// Not empty, or gone, or not ours to remove: the object is deleted all the same.
				return;
			}
		}
	}

	async #ensure(session: Session, folder: string): Promise<void> {
		if (await this.has(session, folder)) {
			return;
		}
		await this.#ensure(session, dirname(folder));
		await makeFolder(session, folder, this.#mode);
	}

	#believe(folder: string): void {
		if (this.#believed.size >= maxBelieved) {
			this.#believed.clear();
		}
		this.#believed.set(folder, performance.now());
	}

	#forget(folder: string): void {
		for (let path = folder; path.length > this.path.length; path = dirname(path)) {
			this.#believed.delete(path);
		}
	}
}

/** Makes one folder, unless there is one already. */
export async function makeFolder(session: Session, folder: string, mode: number): Promise<void> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			await session.request(`make ${folder}`, (channel, done) => channel.mkdir(folder, {mode}, done));
			return;
		} catch (error) {
			// "Failure" is all that this version of the protocol has for what exists, which may have gone when looked for.
			const attributes = isMissing(error) ? undefined : await attributesOf(session, folder);
			if (attributes?.isDirectory() === true) {
				return;
			}
			if (attributes !== undefined) {
				throw new OutsideRootError(`${folder} is not a folder`, {cause: error});
			}
			if (!isFailure(error) || attempt === maxAttempts) {
				throw error;
			}
		}
	}
}
