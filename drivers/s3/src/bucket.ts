import type {Readable} from 'node:stream';
import {
	AbortMultipartUploadCommand,
	CompleteMultipartUploadCommand,
	type CompleteMultipartUploadCommandInput,
	CreateMultipartUploadCommand,
	DeleteObjectCommand,
	GetObjectCommand,
	HeadObjectCommand,
	type HeadObjectCommandOutput,
	ListMultipartUploadsCommand,
	type ListMultipartUploadsCommandOutput,
	type PutObjectCommandInput,
	PutObjectCommand,
	type S3Client,
	UploadPartCommand,
} from '@aws-sdk/client-s3';
import type {Abortable} from '@stowage/core';
import {isMissing} from './errors.ts';
import type {S3Options} from './options.ts';

type ObjectSettings = Pick<
	PutObjectCommandInput,
	'StorageClass' | 'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled'
>;

export interface OpenedObject {
	readonly body: Readable;
	/** Bytes of what was asked for. */
	readonly size: number;
	readonly etag?: string;
}

/** The calls of the service that the driver is made of, on one bucket below one prefix. Keys are those of the registry. */
export class Bucket {
	readonly name: string;
	readonly client: S3Client;
	/** With a slash at its end, or nothing. */
	readonly prefix: string;
	/** Milliseconds for which the service may be silent. */
	readonly patience: number;
	/** What is said of every new object. */
	readonly settings: ObjectSettings;

	constructor(client: S3Client, options: S3Options) {
		this.client = client;
		this.name = options.bucket;
		this.prefix = options.prefix === '' ? '' : `${options.prefix}/`;
		this.patience = options.timeoutSeconds * 1000;
		this.settings = {
			StorageClass: options.storageClass,
			ServerSideEncryption: options.encryption,
			SSEKMSKeyId: options.kmsKeyId,
			BucketKeyEnabled: options.bucketKey,
		};
	}

	at(key: string): {readonly Bucket: string; readonly Key: string} {
		return {Bucket: this.name, Key: this.prefix + key};
	}

	/** Undefined when there is none. */
	async head(key: string, {signal}: Abortable = {}): Promise<HeadObjectCommandOutput | undefined> {
		try {
			return await this.client.send(new HeadObjectCommand(this.at(key)), {abortSignal: signal});
		} catch (error) {
			if (isMissing(error)) {
				return undefined;
			}
			throw error;
		}
	}

	/** `end` is past the last byte. With `etag` it fails when the object is another by now. */
	async open(
		key: string,
		{start = 0, end, etag, signal}: Abortable & {start?: number; end?: number; etag?: string} = {},
	): Promise<OpenedObject> {
		const Range = start === 0 && end === undefined ? undefined : `bytes=${start}-${end === undefined ? '' : end - 1}`;
		const command = new GetObjectCommand({...this.at(key), Range, IfMatch: etag});
		const {Body, ContentLength = 0, ETag} = await this.client.send(command, {abortSignal: signal});
		return {body: Body as unknown as Readable, size: ContentLength, etag: ETag};
	}

	/** Resolves to the ETag. */
	async put(key: string, body: Buffer, {signal}: Abortable = {}): Promise<string> {
		const command = new PutObjectCommand({...this.at(key), ...this.settings, Body: body, ContentLength: body.length});
		const {ETag = ''} = await this.client.send(command, {abortSignal: signal});
		return ETag;
	}

	async delete(key: string, {signal}: Abortable = {}): Promise<void> {
		try {
			await this.client.send(new DeleteObjectCommand(this.at(key)), {abortSignal: signal});
		} catch (error) {
			if (!isMissing(error)) {
				throw error;
			}
		}
	}

	/** Resolves to the id of the upload. */
	async createMultipart(key: string, {signal}: Abortable = {}): Promise<string> {
		const command = new CreateMultipartUploadCommand({...this.at(key), ...this.settings});
		const {UploadId = ''} = await this.client.send(command, {abortSignal: signal});
		return UploadId;
	}

	/** `number` is from 1. Resolves to the ETag of the part. */
	async putPart(
		key: string,
		{uploadId, number, body, signal}: Abortable & {uploadId: string; number: number; body: Buffer},
	): Promise<string> {
		const command = new UploadPartCommand({
			...this.at(key),
			UploadId: uploadId,
			PartNumber: number,
			Body: body,
			ContentLength: body.length,
		});
		const {ETag = ''} = await this.client.send(command, {abortSignal: signal});
		return ETag;
	}

	async completeMultipart(
		key: string,
		{uploadId, etags, signal}: Abortable & {uploadId: string; etags: readonly string[]},
	): Promise<void> {
		const Parts = etags.map((ETag, index) => ({ETag, PartNumber: index + 1}));
		const input: CompleteMultipartUploadCommandInput = {...this.at(key), UploadId: uploadId, MultipartUpload: {Parts}};
		await this.client.send(new CompleteMultipartUploadCommand(input), {abortSignal: signal});
	}

	/** Resolves too when it has gone. */
	async abortMultipart(key: string, uploadId: string, {signal}: Abortable = {}): Promise<void> {
		try {
			const command = new AbortMultipartUploadCommand({...this.at(key), UploadId: uploadId});
			await this.client.send(command, {abortSignal: signal});
		} catch (error) {
			if (!isMissing(error)) {
				throw error;
			}
		}
	}

	/** All multipart uploads under this very key: those of calls that broke, or whose outcome was lost, as well. */
	async abortMultiparts(key: string, {signal}: Abortable = {}): Promise<void> {
		const ids = await this.#multipartsOf(key, {signal});
		await Promise.all(ids.map(async id => this.abortMultipart(key, id, {signal})));
	}

	async #multipartsOf(key: string, {signal}: Abortable): Promise<readonly string[]> {
		const {Bucket, Key} = this.at(key);
		const ids: string[] = [];
		let marker: {readonly KeyMarker?: string; readonly UploadIdMarker?: string} | undefined = {};
		while (marker !== undefined) {
			const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({Bucket, Prefix: Key, ...marker});
			const page: ListMultipartUploadsCommandOutput = await this.client.send(command, {abortSignal: signal});
			for (const upload of page.Uploads ?? []) {
				if (upload.Key === Key && upload.UploadId !== undefined) {
					ids.push(upload.UploadId);
				}
			}
			const more = page.IsTruncated === true && page.NextKeyMarker !== undefined;
			marker = more ? {KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker} : undefined;
		}
		return ids;
	}
}
