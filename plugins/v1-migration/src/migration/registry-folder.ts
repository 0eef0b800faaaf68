import {type Dirent, constants} from 'node:fs';
import {type FileHandle, open, readdir, realpath, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Readable} from 'node:stream';
import {ConversionError} from './conversion-error.ts';
import {maxJsonBytes} from './parse-v1-document.ts';

/** A plain file, where there is one. Whoever opens a body destroys it. */
export interface FolderFile {
	readonly size: number;
	readonly modifiedAt: Date;
	open(): Promise<Readable>;
}

/** A folder that somebody else filled: read without ever leaving it, whatever links lie in it. */
export class RegistryFolder {
	readonly path: string;

	private constructor(path: string) {
		this.path = path;
	}

	/** Rejects when there is no folder. */
	static async open(path: string): Promise<RegistryFolder> {
		const real = await realpath(path);
		if (!(await stat(real)).isDirectory()) {
			throw new Error(`${path} is no folder`);
		}
		return new RegistryFolder(real);
	}

	/** In byte order; empty when there is no such folder. */
	async list(...segments: readonly string[]): Promise<readonly Dirent[]> {
		const path = await this.#find(segments);
		if (path === undefined || !(await stat(path)).isDirectory()) {
			return [];
		}
		const entries = await readdir(path, {withFileTypes: true});
		return entries.toSorted((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
	}

	/** Undefined when there is none. Rejects with `ConversionError` for anything else than a small file. */
	async readSmall(...segments: readonly string[]): Promise<Buffer | undefined> {
		const handle = await this.#openFile(segments);
		if (handle === undefined) {
			return undefined;
		}
		try {
			const {size} = await handle.stat();
			if (size > maxJsonBytes) {
				throw new ConversionError('json', `${segments.join('/')} is longer than ${maxJsonBytes} bytes`);
			}
			return await handle.readFile();
		} finally {
			await handle.close();
		}
	}

	/** Undefined when there is none. Rejects with `ConversionError` for anything else than a file. */
	async findFile(...segments: readonly string[]): Promise<FolderFile | undefined> {
		const handle = await this.#openFile(segments);
		if (handle === undefined) {
			return undefined;
		}
		try {
			const {size, mtime} = await handle.stat();
			return {size, modifiedAt: mtime, open: () => this.#read(segments)};
		} finally {
			await handle.close();
		}
	}

	async #read(segments: readonly string[]): Promise<Readable> {
		const handle = await this.#openFile(segments);
		if (handle === undefined) {
			throw new ConversionError('layer-missing', `there is no ${segments.join('/')} any more`);
		}
		return handle.createReadStream({highWaterMark: 262_144});
	}

	async #openFile(segments: readonly string[]): Promise<FileHandle | undefined> {
		const path = await this.#find(segments);
		if (path === undefined) {
			return undefined;
		}
		// Neither a link that was put there meanwhile nor a pipe that nobody writes to.
		const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		if ((await handle.stat()).isFile()) {
			return handle;
		}
		await handle.close();
		throw new ConversionError('name', `${segments.join('/')} is no file`);
	}

	async #find(segments: readonly string[]): Promise<string | undefined> {
		const path = join(this.path, ...segments);
		try {
			if ((await realpath(path)) === path) {
				return path;
			}
		} catch (error) {
			if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) {
				return undefined;
			}
			throw error;
		}
		throw new ConversionError('name', `${segments.join('/')} is a link, or behind one`);
	}
}
