import type {Readable} from 'node:stream';
import {
	type Abortable,
	type ByteRange,
	ResumingStream,
	type SignedUrlOptions,
	type StorageDriver,
	type StorageErrorCode,
	type StoredObject,
	type UploadState,
} from '@stowage/core';
import {appendPart} from './append-part.ts';
import type {Bucket} from './bucket.ts';
import {classifyError, isMissing} from './errors.ts';
import {moveObject} from './move-object.ts';
import type {GcsOptions} from './options.ts';
import {type SealOptions, deleteParts, sealParts} from './seal-parts.ts';
import type {Signer} from './signer.ts';
import {partsOf, toJson} from './upload-parts.ts';

const mebibyte = 1024 * 1024;

/** An object is an object of a bucket; an upload is parts of it under other names, which are composed when it is sealed. */
export class GcsDriver implements StorageDriver {
	/** Present when there is something to sign with. */
	readonly signedUrl?: (key: string, options: SignedUrlOptions) => Promise<URL>;
	readonly #bucket: Bucket;
	readonly #options: GcsOptions;
	readonly #prefix: string;
	readonly #signer: Signer | undefined;

	/** The requests of the bucket and the signer end with the driver. */
	constructor(bucket: Bucket, options: GcsOptions, signer?: Signer) {
		this.#bucket = bucket;
		this.#options = options;
		this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
		this.#signer = signer;
		if (signer !== undefined) {
			this.signedUrl = (key, asked) => signer.sign(this.#prefix + key, asked);
		}
	}

	async check({signal}: Abortable = {}): Promise<void> {
		await this.#bucket.check(`${this.#prefix}~check`, {signal});
	}

	async stat(key: string, {signal}: Abortable = {}): Promise<StoredObject | undefined> {
		const found = await this.#bucket.find(this.#prefix + key, {signal});
		return found === undefined ? undefined : {key, ...found};
	}

	async read(key: string, {signal, range}: Abortable & {readonly range?: ByteRange} = {}): Promise<Readable> {
		const name = this.#prefix + key;
		const [start, end] = range === undefined ? [0, ''] : [range.start, range.end - 1];
		const first = await this.#bucket.read(name, range && `bytes=${start}-${end}`, {signal});
		return new ResumingStream(first.body, {
			size: Number(first.headers['content-length']),
			mayResume: error => signal?.aborted !== true && classifyError(error) === 'unavailable',
			reopen: async (offset, ended) => {
				const either = signal === undefined ? ended : AbortSignal.any([signal, ended]);
				return (await this.#bucket.read(name, `bytes=${start + offset}-${end}`, {signal: either})).body;
			},
			patience: this.#options.timeoutSeconds * 1000,
		});
	}

	async *list(prefix: string, {signal}: Abortable = {}): AsyncIterable<StoredObject> {
		for await (const object of this.#bucket.list(this.#prefix + prefix, {signal})) {
			if (!object.key.includes('~')) {
				yield {...object, key: object.key.slice(this.#prefix.length)};
			}
		}
	}

	async move(from: string, to: string, {signal}: Abortable = {}): Promise<void> {
		await moveObject(this.#bucket, this.#prefix + from, this.#prefix + to, {signal});
	}

	async delete(key: string, {signal}: Abortable = {}): Promise<void> {
		await this.#bucket.delete(this.#prefix + key, {signal});
	}

	async createUpload(key: string, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		return {key, offset: 0};
	}

	async appendUpload({key, offset, data}: UploadState, body: Readable, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		const {after, received} = await appendPart(this.#bucket, partsOf(data), body, {
			...this.#partsFolder(key, {signal}),
			chunkSize: this.#options.chunkMebibytes * mebibyte,
		});
		return {key, offset: offset + received, data: toJson(after)};
	}

	async sealUpload({key, offset, data}: UploadState, {signal}: Abortable = {}): Promise<void> {
		const name = this.#prefix + key;
		const folder = this.#partsFolder(key, {signal});
		try {
			await sealParts(this.#bucket, partsOf(data), name, folder);
		} catch (error) {
			// The parts have gone when it was sealed before.
			if (!isMissing(error) || (await this.#bucket.find(name, {signal}))?.size !== offset) {
				throw error;
			}
		}
		await deleteParts(this.#bucket, folder);
	}

	async abortUpload({key}: UploadState, {signal}: Abortable = {}): Promise<void> {
		await deleteParts(this.#bucket, this.#partsFolder(key, {signal}));
		await this.#bucket.delete(this.#prefix + key, {signal});
	}

	classify(error: unknown): StorageErrorCode {
		return classifyError(error);
	}

	async close(): Promise<void> {
		await Promise.all([this.#bucket.requests.close(), this.#signer?.close()]);
	}

	/** No key has a `~`, so the part of an upload is never an object. */
	#partsFolder(key: string, {signal}: Abortable): SealOptions {
		return {folder: `${this.#prefix}~parts/${key}/`, signal};
	}
}
