import {Readable} from 'node:stream';
import type {Abortable} from '../types/abortable.ts';
import type {ByteRange} from '../types/byte-range.ts';
import {destroyOnAbort} from './destroy-on-abort.ts';
import type {StorageDriver, StorageDriverType, StorageErrorCode, StoredObject, UploadState} from './driver.ts';
import {MissingError} from './missing-error.ts';

interface MemoryObject {
	readonly bytes: Buffer;
	readonly modifiedAt: Date;
}

/** What memory drivers store in. Several drivers on one backend see the same objects, as processes on one disk would. */
export interface MemoryBackend {
	readonly objects: Map<string, MemoryObject>;
	/** Bytes of unsealed uploads in the pieces in which they came. */
	readonly uploads: Map<string, Buffer[]>;
}

export function createMemoryBackend(): MemoryBackend {
	return {objects: new Map(), uploads: new Map()};
}

/** Bytes in the process's memory, gone with it: for tests and for trying things out. */
export const memoryDriver: StorageDriverType = {
	type: 'memory',
	options: {type: 'object', properties: {}, additionalProperties: false},
	async create() {
		return createMemoryDriver();
	},
};

/** A driver on a backend of its own, or on one that it shares. */
export function createMemoryDriver(backend: MemoryBackend = createMemoryBackend()): StorageDriver {
	return new MemoryDriver(backend);
}

const pieceSize = 64 * 1024;

class MemoryDriver implements StorageDriver {
	readonly #objects: MemoryBackend['objects'];
	readonly #uploads: MemoryBackend['uploads'];

	constructor({objects, uploads}: MemoryBackend) {
		this.#objects = objects;
		this.#uploads = uploads;
	}

	async check({signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
	}

	async stat(key: string, {signal}: Abortable = {}): Promise<StoredObject | undefined> {
		signal?.throwIfAborted();
		const object = this.#objects.get(key);
		return object && {key, size: object.bytes.length, modifiedAt: object.modifiedAt};
	}

	async read(key: string, {signal, range}: Abortable & {readonly range?: ByteRange} = {}): Promise<Readable> {
		signal?.throwIfAborted();
		const {bytes} = this.#get(key);
		const wanted = range === undefined ? bytes : bytes.subarray(range.start, range.end);
		return Readable.from(piecesOf(wanted), {objectMode: false, highWaterMark: pieceSize, signal});
	}

	async *list(prefix: string, {signal}: Abortable = {}): AsyncIterable<StoredObject> {
		for (const key of this.#objects.keys()) {
			const object = key.startsWith(prefix) ? await this.stat(key, {signal}) : undefined;
			if (object !== undefined) {
				yield object;
			}
		}
	}

	async move(from: string, to: string, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		if (!this.#objects.has(from) && this.#objects.has(to)) {
			return;
		}
		this.#objects.set(to, this.#get(from));
		this.#objects.delete(from);
	}

	async delete(key: string, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		this.#objects.delete(key);
	}

	async createUpload(key: string, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		this.#uploads.set(key, []);
		return {key, offset: 0};
	}

	async appendUpload({key, offset}: UploadState, body: Readable, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		const pieces = [this.#received(key, offset)];
		using _abort = destroyOnAbort(body, signal);
		for await (const chunk of body.iterator({destroyOnReturn: false})) {
			// The producer may use its buffer again.
			pieces.push(Buffer.from(chunk as Uint8Array));
		}
		signal?.throwIfAborted();
		this.#received(key, offset);
		this.#uploads.set(key, pieces);
		return {key, offset: pieces.reduce((sum, piece) => sum + piece.length, 0)};
	}

	async sealUpload({key, offset}: UploadState, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		if (!this.#uploads.has(key) && this.#objects.has(key)) {
			return;
		}
		this.#objects.set(key, {bytes: this.#received(key, offset), modifiedAt: new Date()});
		this.#uploads.delete(key);
	}

	async abortUpload({key}: UploadState, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		this.#uploads.delete(key);
		this.#objects.delete(key);
	}

	classify(error: unknown): StorageErrorCode {
		return error instanceof MissingError ? error.code : 'unknown';
	}

	async close(): Promise<void> {}

	#get(key: string): MemoryObject {
		const object = this.#objects.get(key);
		if (object === undefined) {
			throw new MissingError(`there is no object ${key}`);
		}
		return object;
	}

	/** The first `offset` bytes of an unsealed upload. */
	#received(key: string, offset: number): Buffer {
		const bytes = Buffer.concat(this.#uploads.get(key) ?? []);
		if (!this.#uploads.has(key) || bytes.length < offset) {
			throw new MissingError(`there is no upload of ${offset} bytes for ${key}`);
		}
		return bytes.subarray(0, offset);
	}
}

function* piecesOf(bytes: Buffer): Iterable<Buffer> {
	for (let start = 0; start < bytes.length; start += pieceSize) {
		yield bytes.subarray(start, start + pieceSize);
	}
}
