import {dirname} from 'node:path/posix';
import type {Readable} from 'node:stream';
import {
	type Abortable,
	type ByteRange,
	type StorageDriver,
	type StorageErrorCode,
	type StoredObject,
	type UploadState,
	MissingError,
	ResumingStream,
} from '@stowage/core';
import {ConnectionError, classifyError, isMissing} from './errors.ts';
import {attributesOf, remove, rename, syncFile, withFile} from './files.ts';
import {orFull} from './full-disk.ts';
import {listObjects} from './list-objects.ts';
import {type OpenedFile, openForReading} from './open-for-reading.ts';
import {PartFile, type PartFileOptions} from './part-file.ts';
import type {RootFolder} from './root-folder.ts';
import type {SessionPool} from './session-pool.ts';
import type {Session} from './session.ts';
import {writePieces} from './write-pieces.ts';

/** An object is a file named as its key; an upload is a {@link PartFile} beside it, published by renaming. */
export class SftpDriver implements StorageDriver {
	readonly durable: boolean;
	readonly #pool: SessionPool;
	readonly #root: RootFolder;
	readonly #options: PartFileOptions;

	constructor(pool: SessionPool, root: RootFolder, options: PartFileOptions) {
		this.#pool = pool;
		this.#root = root;
		this.#options = options;
		this.durable = options.durable;
	}

	async check({signal}: Abortable = {}): Promise<void> {
		await this.#pool.run(session => this.#root.check(session), {signal});
	}

	async stat(key: string, {signal}: Abortable = {}): Promise<StoredObject | undefined> {
		return this.#pool.run(session => this.#find(session, key), {signal});
	}

	async read(key: string, {signal, range}: Abortable & {readonly range?: ByteRange} = {}): Promise<Readable> {
		const {stream, size} = await this.#open(key, {signal, range});
		const start = range?.start ?? 0;
		return new ResumingStream(stream, {
			size,
			reopen: async (offset, end) => {
				const again = await this.#open(key, {signal: end, range: {start: start + offset, end: start + size}});
				return again.stream;
			},
			mayResume: error => error instanceof ConnectionError,
		});
	}

	async *list(prefix: string, options: Abortable = {}): AsyncIterable<StoredObject> {
		yield* listObjects(this.#pool, this.#root, prefix, options);
	}

	async move(from: string, to: string, {signal}: Abortable = {}): Promise<void> {
		const [source, target] = [this.#root.pathOf(from), this.#root.pathOf(to)];
		await this.#change(signal, async session => {
			if ((await this.#find(session, from)) === undefined) {
				await this.#mustExist(session, to, `there is no object ${from}`);
				return;
			}
			await this.#root.within(session, dirname(target), () => this.#rename(session, source, target));
			await this.#root.prune(session, dirname(source));
		});
	}

	async delete(key: string, {signal}: Abortable = {}): Promise<void> {
		const path = this.#root.pathOf(key);
		await this.#pool.run(
			async session => {
				if (await this.#root.has(session, dirname(path))) {
					await remove(session, path);
					await this.#root.prune(session, dirname(path));
				}
			},
			{signal},
		);
	}

	async createUpload(key: string, {signal}: Abortable = {}): Promise<UploadState> {
		const state: UploadState = {key, offset: 0, data: 0};
		const folder = dirname(this.#root.pathOf(key));
		await this.#change(signal, session =>
			this.#root.within(session, folder, () => this.#partOf(state).create(session)),
		);
		return state;
	}

	async appendUpload(state: UploadState, body: Readable, {signal}: Abortable = {}): Promise<UploadState> {
		const part = this.#partOf(state);
		const append = async (session: Session) => {
			await this.#take(session, state, part.next);
			return withFile(session, part.next, 'r+', async handle => {
				const end = await writePieces(session, handle, body, {offset: state.offset, signal});
				await (this.#options.durable ? syncFile(session, handle) : undefined);
				return end;
			});
		};
		const end = await this.#change(signal, append, () => !body.readableDidRead);
		return {key: state.key, offset: end, data: part.turn};
	}

	async sealUpload(state: UploadState, {signal}: Abortable = {}): Promise<void> {
		await this.#change(signal, async session => {
			if (!(await this.#taken(session, state, this.#root.pathOf(state.key)))) {
				await this.#mustExist(session, state.key, `there is no upload for ${state.key}`);
			}
		});
	}

	async abortUpload(state: UploadState, {signal}: Abortable = {}): Promise<void> {
		const path = this.#root.pathOf(state.key);
		await this.#pool.run(
			async session => {
				if (await this.#root.has(session, dirname(path))) {
					await Promise.all([this.#partOf(state).remove(session), remove(session, path)]);
					await this.#root.prune(session, dirname(path));
				}
			},
			{signal},
		);
	}

	classify(error: unknown): StorageErrorCode {
		return classifyError(error);
	}

	async close(): Promise<void> {
		await this.#pool.close();
	}

	/** Runs what needs room on the disk. */
	#change<Result>(
		signal: AbortSignal | undefined,
		work: (session: Session) => Promise<Result>,
		repeatable?: () => boolean,
	): Promise<Result> {
		return this.#pool.run(session => orFull(session, this.#root.path, () => work(session)), {signal, repeatable});
	}

	#partOf(state: UploadState): PartFile {
		return new PartFile(this.#root.pathOf(state.key), state, this.#options);
	}

	async #open(key: string, {signal, range}: Abortable & {readonly range?: ByteRange}): Promise<OpenedFile> {
		const path = this.#root.pathOf(key);
		return this.#pool.run(
			async (session, keep) => {
				if (!(await this.#root.has(session, dirname(path)))) {
					throw new MissingError(`there is no ${path}`);
				}
				return openForReading(session, path, {range, keep});
			},
			{signal},
		);
	}

	async #find(session: Session, key: string): Promise<StoredObject | undefined> {
		const path = this.#root.pathOf(key);
		if (!(await this.#root.has(session, dirname(path)))) {
			return undefined;
		}
		const attributes = await attributesOf(session, path);
		return attributes?.isFile() === true
			? {key, size: attributes.size, modifiedAt: new Date(attributes.mtime * 1_000)}
			: undefined;
	}

	async #mustExist(session: Session, key: string, otherwise: string): Promise<void> {
		if ((await this.#find(session, key)) === undefined) {
			throw new MissingError(otherwise);
		}
	}

	async #taken(session: Session, state: UploadState, to: string): Promise<boolean> {
		return (await this.#root.has(session, dirname(to))) && this.#partOf(state).take(session, to);
	}

	async #take(session: Session, state: UploadState, to: string): Promise<void> {
		if (!(await this.#taken(session, state, to))) {
			throw new MissingError(`there is no upload for ${state.key}`);
		}
	}

	/** That a path is missing may mean that the folder of `target` was removed, or that another made the same move. */
	async #rename(session: Session, source: string, target: string): Promise<void> {
		try {
			await rename(session, source, target);
		} catch (error) {
			if (!isMissing(error) || (await attributesOf(session, source)) !== undefined) {
				throw error;
			}
			if ((await attributesOf(session, target)) === undefined) {
				throw new MissingError(`${source} has gone`, {cause: error});
			}
		}
	}
}
