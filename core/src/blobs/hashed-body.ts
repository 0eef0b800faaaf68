import {Readable} from 'node:stream';
import type {BlobRecord} from '../metadata/blob-records.ts';
import {DigestBuilder, digestAlgorithm} from '../oci/digest.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Pace} from './pace.ts';

/** The stored bytes of a blob have another digest or another size. */
export class WrongBlobError extends Error {
	override readonly name = 'WrongBlobError';
	readonly code = 'BLOB_WRONG';
	readonly blob: BlobRecord;

	constructor(blob: BlobRecord, actual: string) {
		super(`storage "${blob.storage}": ${blob.key} should be ${blob.digest} and is ${actual}`);
		this.blob = blob;
	}
}

/** The bytes of `source`, which is destroyed with it. Ends with `WrongBlobError` when they are not those of the blob. */
export function hashedBody(
	source: Readable,
	blob: BlobRecord,
	{pace, signal}: Abortable & {readonly pace?: Pace} = {},
): Readable {
	return Readable.from(verified(source, blob, {pace, signal}), {objectMode: false});
}

async function* verified(
	source: Readable,
	blob: BlobRecord,
	{pace, signal}: Abortable & {readonly pace?: Pace},
): AsyncIterable<Buffer> {
	const hash = new DigestBuilder(digestAlgorithm(blob.digest));
	let size = 0;
	for await (const chunk of source) {
		const bytes = chunk as Buffer;
		await pace?.wait(bytes.length, {signal});
		hash.update(bytes);
		size += bytes.length;
		yield bytes;
	}
	const digest = hash.digest();
	if (digest !== blob.digest || size !== blob.size) {
		throw new WrongBlobError(blob, `${digest}, ${size} bytes`);
	}
}
