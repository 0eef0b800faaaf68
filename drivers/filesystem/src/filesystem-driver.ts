import {type FileHandle, constants, lstat, rename, unlink} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Readable} from 'node:stream';
import {
	type Abortable,
	type ByteRange,
	type StorageDriver,
	type StorageErrorCode,
	type StoredObject,
	type UploadBody,
	type UploadState,
	MissingError,
} from '@stowage/core';
import {BatchBudget} from './batch-budget.ts';
import {classifyError, isMissing} from './errors.ts';
import {listObjects} from './list-objects.ts';
import {openFile, openForReading} from './open-file.ts';
import type {FilesystemOptions} from './options.ts';
import type {RootFolder} from './root-folder.ts';
import {writeBatches} from './write-batches.ts';

/** No key has a `~`, so the file of an upload is never the file of an object. */
const partEnding = '~part';

/** An object is a file named as its key; an upload is one beside it with {@link partEnding}, published by renaming. */
export class FilesystemDriver implements StorageDriver {
	readonly durable: boolean;
	readonly #root: RootFolder;
	readonly #budget = new BatchBudget();
	readonly #fileMode: number;

	constructor(root: RootFolder, {durable, fileMode}: Pick<FilesystemOptions, 'durable' | 'fileMode'>) {
		this.#root = root;
		this.durable = durable;
		this.#fileMode = Number.parseInt(fileMode, 8);
	}

	async check({signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		await this.#root.check();
	}

	async stat(key: string, {signal}: Abortable = {}): Promise<StoredObject | undefined> {
		signal?.throwIfAborted();
		const path = this.#root.pathOf(key);
		try {
			await this.#root.verify(dirname(path));
			const stats = await lstat(path);
			return stats.isFile() ? {key, size: stats.size, modifiedAt: stats.mtime} : undefined;
		} catch (error) {
			if (isMissing(error)) {
				return undefined;
			}
			throw error;
		}
	}

	async openFile(key: string, {signal}: Abortable = {}): Promise<FileHandle> {
		signal?.throwIfAborted();
		const path = this.#root.pathOf(key);
		await this.#root.verify(dirname(path));
		return openFile(path, constants.O_RDONLY);
	}

	async read(key: string, {signal, range}: Abortable & {readonly range?: ByteRange} = {}): Promise<Readable> {
		signal?.throwIfAborted();
		const path = this.#root.pathOf(key);
		await this.#root.verify(dirname(path));
		return openForReading(path, range);
	}

	async *list(prefix: string, options: Abortable = {}): AsyncIterable<StoredObject> {
		options.signal?.throwIfAborted();
		yield* listObjects(this.#root, prefix, options);
	}

	async move(from: string, to: string, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		const [source, target] = [this.#root.pathOf(from), this.#root.pathOf(to)];
		if ((await this.stat(from)) === undefined) {
			await this.#mustExist(to, `there is no object ${from}`);
			return;
		}
		await this.#root.within(dirname(target), () => this.#rename(source, target));
		await this.#root.sync(dirname(target));
		await this.#root.sync(dirname(source));
		await this.#root.prune(dirname(source));
	}

	async delete(key: string, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		await this.#remove(this.#root.pathOf(key));
	}

	async createUpload(key: string, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		const path = this.#partOf(key);
		const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
		await this.#root.within(dirname(path), async () => {
			const handle = await openFile(path, flags, this.#fileMode);
			await handle.close();
		});
		return {key, offset: 0};
	}

	async appendUpload({key, offset}: UploadState, body: UploadBody, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		await using handle = await this.#openPart(key);
		await cut(handle, key, offset);
		const end =
			(offset === 0 ? await this.#takeWhole(key, handle, body, {signal}) : undefined) ??
			(await writeBatches(handle, body, offset, {signal, durable: this.durable, budget: this.#budget}));
		if (offset === 0) {
			await this.#root.sync(dirname(this.#partOf(key)));
		}
		return {key, offset: end};
	}

	async sealUpload({key, offset}: UploadState, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		try {
			await using handle = await this.#openPart(key);
			if (await cut(handle, key, offset)) {
				await this.#sync(handle);
			}
			await rename(this.#partOf(key), this.#root.pathOf(key));
		} catch (error) {
			if (!isMissing(error)) {
				throw error;
			}
			await this.#mustExist(key, `there is no upload for ${key}`);
			return;
		}
		await this.#root.sync(dirname(this.#root.pathOf(key)));
	}

	async abortUpload({key}: UploadState, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		await this.#remove(this.#partOf(key));
		await this.#remove(this.#root.pathOf(key));
	}

	/** A web server that sends from here has to be told itself not to follow links. */
	localPath(key: string): string {
		return this.#root.pathOf(key);
	}

	classify(error: unknown): StorageErrorCode {
		return classifyError(error);
	}

	async close(): Promise<void> {}

	#partOf(key: string): string {
		return this.#root.pathOf(key) + partEnding;
	}

	async #openPart(key: string): Promise<FileHandle> {
		const path = this.#partOf(key);
		await this.#root.verify(dirname(path));
		return openFile(path, constants.O_RDWR);
	}

	/** Size of a body that writes itself; undefined when it is to be read. */
	async #takeWhole(key: string, handle: FileHandle, body: UploadBody, options: Abortable): Promise<number | undefined> {
		const size = await body.writeInto?.(() => this.#openPart(key), options);
		if (size !== undefined) {
			await this.#sync(handle);
		}
		return size;
	}

	async #sync(handle: FileHandle): Promise<void> {
		if (this.durable) {
			await handle.datasync();
		}
	}

	/** ENOENT may mean that the folder of `target` was removed for being empty, or that another made the same move. */
	async #rename(source: string, target: string): Promise<void> {
		try {
			await rename(source, target);
		} catch (error) {
			const [gone, done] = isMissing(error) ? await Promise.all([isNone(source), isFile(target)]) : [false, false];
			if (!(gone && done)) {
				throw gone ? new MissingError(`${source} has gone`, {cause: error}) : error;
			}
		}
	}

	async #mustExist(key: string, otherwise: string): Promise<void> {
		if ((await this.stat(key)) === undefined) {
			throw new MissingError(otherwise);
		}
	}

	async #remove(path: string): Promise<void> {
		try {
			await this.#root.verify(dirname(path));
			await unlink(path);
		} catch (error) {
			if (!isMissing(error)) {
				throw error;
			}
			return;
		}
		await this.#root.sync(dirname(path));
		await this.#root.prune(dirname(path));
	}
}

/** Takes away what a broken append left past the state, if anything; refuses when bytes of the state are missing. */
async function cut(handle: FileHandle, key: string, offset: number): Promise<boolean> {
	const {size} = await handle.stat();
	if (size < offset) {
		throw new MissingError(`the upload for ${key} has ${size} of ${offset} bytes`);
	}
	if (size > offset) {
		await handle.truncate(offset);
	}
	return size > offset;
}

async function isFile(path: string): Promise<boolean> {
	const stats = await lstat(path).catch(() => undefined);
	return stats?.isFile() ?? false;
}

async function isNone(path: string): Promise<boolean> {
	return lstat(path).then(() => false, isMissing);
}
