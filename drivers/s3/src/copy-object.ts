import {CopyObjectCommand, UploadPartCopyCommand} from '@aws-sdk/client-s3';
import type {Abortable} from '@stowage/core';
import type {Bucket} from './bucket.ts';
import {checkPartCount} from './upload-parts.ts';

/** Copies under way at a time. */
const parallel = 4;

export interface CopyOptions extends Abortable {
	/** An object of more bytes is copied in parts of so many; the service copies 5 GiB in one call at most. */
	readonly partSize: number;
}

/** What to copy: another object that came under the key meanwhile is refused by the service. */
export interface CopiedObject {
	readonly key: string;
	readonly size: number;
	readonly etag?: string;
}

/** Copies an object within the bucket. A reader of `to` sees nothing, then all of it. */
export async function copyObject(
	bucket: Bucket,
	from: CopiedObject,
	to: string,
	{partSize, signal}: CopyOptions,
): Promise<void> {
	if (from.size > partSize) {
		await copyInParts(bucket, from, to, {partSize, signal});
		return;
	}
	const command = new CopyObjectCommand({
		...bucket.at(to),
		...bucket.settings,
		CopySource: sourceOf(bucket, from.key),
		CopySourceIfMatch: from.etag,
	});
	await bucket.client.send(command, {abortSignal: signal});
}

async function copyInParts(
	bucket: Bucket,
	from: CopiedObject,
	to: string,
	{partSize, signal}: CopyOptions,
): Promise<void> {
	const count = Math.ceil(from.size / partSize);
	checkPartCount(count);
	const uploadId = await bucket.createMultipart(to, {signal});
	const failed = new AbortController();
	const ended = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
	const etags: string[] = [];
	const numbers = Array.from({length: count}, (_, index) => index).values();
	const work = async () => {
		for (const index of numbers) {
			etags[index] = await copyPart(bucket, from, {to, uploadId, index, partSize, signal: ended});
		}
	};
	const workers = Array.from({length: parallel}, work);
	try {
		await Promise.all(workers);
		await bucket.completeMultipart(to, {uploadId, etags, signal});
	} catch (error) {
		failed.abort();
		await Promise.allSettled(workers);
		// The first error counts.
		await bucket.abortMultipart(to, uploadId).catch(() => undefined);
		throw error;
	}
}

interface CopiedPart extends CopyOptions {
	readonly to: string;
	readonly uploadId: string;
	readonly index: number;
}

async function copyPart(bucket: Bucket, from: CopiedObject, part: CopiedPart): Promise<string> {
	const {to, uploadId, index, partSize, signal} = part;
	const start = index * partSize;
	const command = new UploadPartCopyCommand({
		...bucket.at(to),
		UploadId: uploadId,
		PartNumber: index + 1,
		CopySource: sourceOf(bucket, from.key),
		CopySourceIfMatch: from.etag,
		CopySourceRange: `bytes=${start}-${Math.min(start + partSize, from.size) - 1}`,
	});
	const {CopyPartResult} = await bucket.client.send(command, {abortSignal: signal});
	return CopyPartResult?.ETag ?? '';
}

function sourceOf(bucket: Bucket, key: string): string {
	const {Bucket: name, Key} = bucket.at(key);
	return encodeURIComponent(`${name}/${Key}`).replaceAll('%2F', '/');
}
