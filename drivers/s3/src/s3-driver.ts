import type {Readable} from 'node:stream';
import {GetObjectCommand, ListObjectsV2Command, paginateListObjectsV2} from '@aws-sdk/client-s3';
import {getSignedUrl} from '@aws-sdk/s3-request-presigner';
import {
	type Abortable,
	type ByteRange,
	type SignedUrlOptions,
	type StorageDriver,
	type StorageErrorCode,
	type StoredObject,
	type UploadBody,
	type UploadState,
	MissingError,
} from '@stowage/core';
import {Bucket} from './bucket.ts';
import {copyObject} from './copy-object.ts';
import {classifyError} from './errors.ts';
import type {Clients} from './open-client.ts';
import {openObject} from './open-object.ts';
import type {S3Options} from './options.ts';
import {freeParts, sealParts} from './seal-parts.ts';
import {sendParts} from './send-parts.ts';
import {partsOf, partsToJson} from './upload-parts.ts';

const mebibyte = 1024 * 1024;

/** An object is an object of the bucket; an upload is a multipart upload of it, which nobody sees until it is completed. */
export class S3Driver implements StorageDriver {
	readonly #clients: Clients;
	readonly #bucket: Bucket;
	readonly #options: S3Options;

	constructor(clients: Clients, options: S3Options) {
		this.#clients = clients;
		this.#bucket = new Bucket(clients.client, options);
		this.#options = options;
	}

	async check({signal}: Abortable = {}): Promise<void> {
		const {Bucket: name, Key} = this.#bucket.at('check');
		const command = new ListObjectsV2Command({Bucket: name, Prefix: Key, MaxKeys: 1});
		await this.#clients.client.send(command, {abortSignal: signal});
	}

	async stat(key: string, {signal}: Abortable = {}): Promise<StoredObject | undefined> {
		const found = await this.#bucket.head(key, {signal});
		return found && {key, size: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0)};
	}

	async read(key: string, {signal, range}: Abortable & {readonly range?: ByteRange} = {}): Promise<Readable> {
		return openObject(this.#bucket, key, {range, signal});
	}

	async *list(prefix: string, {signal}: Abortable = {}): AsyncIterable<StoredObject> {
		const {Bucket: name, Key} = this.#bucket.at(prefix);
		const pages = paginateListObjectsV2(
			{client: this.#clients.client},
			{Bucket: name, Prefix: Key},
			{abortSignal: signal},
		);
		for await (const {Contents = []} of pages) {
			for (const {Key: found = '', Size = 0, LastModified = new Date(0)} of Contents) {
				signal?.throwIfAborted();
				if (!found.includes('~')) {
					yield {key: found.slice(this.#bucket.prefix.length), size: Size, modifiedAt: LastModified};
				}
			}
		}
	}

	async move(from: string, to: string, {signal}: Abortable = {}): Promise<void> {
		const found = await this.#bucket.head(from, {signal});
		if (found === undefined) {
			await this.#mustExist(to, `there is no object ${from}`, {signal});
			return;
		}
		const source = {key: from, size: found.ContentLength ?? 0, etag: found.ETag};
		await copyObject(this.#bucket, source, to, {partSize: this.#options.copyMebibytes * mebibyte, signal});
		await this.#bucket.delete(from, {signal});
	}

	async delete(key: string, {signal}: Abortable = {}): Promise<void> {
		await this.#bucket.delete(key, {signal});
	}

	async createUpload(key: string, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		return {key, offset: 0};
	}

	async appendUpload(
		{key, offset, data}: UploadState,
		body: UploadBody,
		{signal}: Abortable = {},
	): Promise<UploadState> {
		signal?.throwIfAborted();
		const options = {
			partSize: this.#options.partMebibytes * mebibyte,
			parallel: this.#options.parallelParts,
			equal: this.#options.equalParts,
			signal,
		};
		const {after, received} = await sendParts(this.#bucket, key, {before: partsOf(data), body, options});
		return {key, offset: offset + received, data: partsToJson(after)};
	}

	async sealUpload({key, offset, data}: UploadState, {signal}: Abortable = {}): Promise<void> {
		const parts = partsOf(data);
		try {
			await sealParts(this.#bucket, key, parts, {signal});
		} catch (error) {
			signal?.throwIfAborted();
			// Sealed already, or just now by a call whose answer was lost: nothing else makes an object of this key.
			if ((await this.stat(key, {signal}))?.size !== offset) {
				throw error;
			}
		}
		if (parts.uploadId !== undefined || parts.tailObject !== undefined) {
			await freeParts(this.#bucket, key, {signal});
		}
	}

	async abortUpload({key}: UploadState, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		await Promise.all([freeParts(this.#bucket, key, {signal}), this.#bucket.delete(key, {signal})]);
	}

	async signedUrl(key: string, {expiresInSeconds, contentType, signal}: SignedUrlOptions): Promise<URL> {
		signal?.throwIfAborted();
		const command = new GetObjectCommand({...this.#bucket.at(key), ResponseContentType: contentType});
		return new URL(await getSignedUrl(this.#clients.signer, command, {expiresIn: expiresInSeconds}));
	}

	classify(error: unknown): StorageErrorCode {
		return classifyError(error);
	}

	async close(): Promise<void> {
		this.#clients.close();
	}

	async #mustExist(key: string, otherwise: string, {signal}: Abortable): Promise<void> {
		if ((await this.stat(key, {signal})) === undefined) {
			throw new MissingError(otherwise);
		}
	}
}
