import type {Stats} from 'node:fs';
import {access, constants, mkdir, open, realpath, rmdir, stat} from 'node:fs/promises';
import {dirname, join, relative, sep} from 'node:path';
import {OutsideRootError, errorCode, isMissing} from './errors.ts';

/** Turns in which a folder may vanish under a call, because others delete what is beside. */
const maxAttempts = 20;
/** How long a folder that was found to lie below the root is believed to. */
const believedMilliseconds = 5_000;
const maxBelieved = 10_000;

export interface RootFolderOptions {
	readonly durable: boolean;
	readonly folderMode: number;
}

/** The folders below one root: makes and removes them, and sees to it that none of them leads out. */
export class RootFolder {
	/** Absolute, free of symbolic links. */
	readonly path: string;
	readonly #identity: Stats;
	readonly #options: RootFolderOptions;
	readonly #believed = new Map<string, number>();

	constructor(path: string, identity: Stats, options: RootFolderOptions) {
		this.path = path;
		this.#identity = identity;
		this.#options = options;
	}

	static async open(path: string, options: RootFolderOptions): Promise<RootFolder> {
		return new RootFolder(path, await stat(path), options);
	}

	/** Where the object of a key is. */
	pathOf(key: string): string {
		return join(this.path, key);
	}

	/** Rejects when the root has gone, is another folder than at the start (an unmounted disk), or cannot be written. */
	async check(): Promise<void> {
		const {dev, ino} = await stat(this.path);
		if (dev !== this.#identity.dev || ino !== this.#identity.ino) {
			throw new OutsideRootError(`${this.path} is not the folder that it was at the start: is its disk mounted?`);
		}
		await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK);
	}

	/** Rejects with ENOENT for a folder that is not there, and with {@link OutsideRootError} for one that leads out. */
	async verify(folder: string): Promise<void> {
		if ((this.#believed.get(folder) ?? -Infinity) + believedMilliseconds > performance.now()) {
			return;
		}
		this.#believed.delete(folder);
		const real = await realpath(folder);
		if (real !== this.path && !real.startsWith(this.path.endsWith(sep) ? this.path : this.path + sep)) {
			throw new OutsideRootError(`${folder} is a link that leads out of ${this.path}`);
		}
		if (this.#believed.size >= maxBelieved) {
			this.#believed.clear();
		}
		this.#believed.set(folder, performance.now());
	}

	/** Runs `act` with the folder in place, and again when somebody removes the folder meanwhile because it is empty. */
	async within<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
		for (let attempt = 1; ; attempt += 1) {
			try {
				await this.#ensure(folder);
				return await act();
			} catch (error) {
				if (errorCode(error) !== 'ENOENT' || attempt === maxAttempts) {
					throw error;
				}
				this.#forget(folder);
			}
		}
	}

	/** Removes folders that have become empty, from `folder` up to but not including those directly below the root. */
	async prune(folder: string): Promise<void> {
		for (let path = folder; relative(this.path, path).includes(sep); path = dirname(path)) {
			this.#believed.delete(path);
			try {
				await rmdir(path);
			} catch {
				// Not empty, or gone, or not ours to remove: the object is deleted all the same.
				return;
			}
		}
	}

	/** Puts the names in a folder on the disk. A folder that has gone has none. */
	async sync(folder: string): Promise<void> {
		if (!this.#options.durable) {
			return;
		}
		try {
			await using handle = await open(folder, constants.O_RDONLY);
			await handle.sync();
		} catch (error) {
			if (!isMissing(error)) {
				throw error;
			}
		}
	}

	/** Level by level, for a recursive mkdir would follow a link out of the root. */
	async #ensure(folder: string): Promise<void> {
		try {
			await this.verify(folder);
		} catch (error) {
			if (errorCode(error) !== 'ENOENT' || folder === this.path) {
				throw error;
			}
			await this.#ensure(dirname(folder));
			await this.#make(folder);
			await this.verify(folder);
		}
	}

	async #make(folder: string): Promise<void> {
		try {
			await mkdir(folder, {mode: this.#options.folderMode});
		} catch (error) {
			if (errorCode(error) !== 'EEXIST') {
				throw error;
			}
		}
		await this.sync(dirname(folder));
	}

	#forget(folder: string): void {
		for (let path = folder; path.length > this.path.length; path = dirname(path)) {
			this.#believed.delete(path);
		}
	}
}
