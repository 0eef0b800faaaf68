import {buffer} from 'node:stream/consumers';
import type {Abortable} from '@stowage/core';
import type {Bucket} from './bucket.ts';
import {openObject} from './open-object.ts';
import {type UploadParts, tailKey} from './upload-parts.ts';

/** Makes one object of all that an upload has. */
export async function sealParts(bucket: Bucket, key: string, parts: UploadParts, {signal}: Abortable): Promise<void> {
	const {uploadId} = parts;
	const rest = await restOf(bucket, key, parts, {signal});
	if (uploadId === undefined) {
		await bucket.put(key, rest, {signal});
		return;
	}
	const etags = [...parts.etags];
	if (rest.length > 0) {
		etags.push(await bucket.putPart(key, {uploadId, number: etags.length + 1, body: rest, signal}));
	}
	await bucket.completeMultipart(key, {uploadId, etags, signal});
}

/** Frees what an upload has at the service beside its object: parts, also those of calls that broke, and tails. */
export async function freeParts(bucket: Bucket, key: string, {signal}: Abortable): Promise<void> {
	const tails = [tailKey(key, 0), tailKey(key, 1)];
	await Promise.all([bucket.abortMultiparts(key, {signal}), ...tails.map(async tail => bucket.delete(tail, {signal}))]);
}

/** The bytes after the parts: fewer than one part. */
async function restOf(
	bucket: Bucket,
	key: string,
	{tailObject, inline}: UploadParts,
	{signal}: Abortable,
): Promise<Buffer> {
	if (tailObject === undefined) {
		return inline;
	}
	const {slot, etag} = tailObject;
	const stored = await buffer(await openObject(bucket, tailKey(key, slot), {etag, signal}));
	return Buffer.concat([stored, inline]);
}
