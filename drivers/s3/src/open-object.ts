import type {Readable} from 'node:stream';
import {type Abortable, type ByteRange, ResumingStream} from '@stowage/core';
import type {Bucket} from './bucket.ts';
import {classifyError} from './errors.ts';

export interface OpenObjectOptions extends Abortable {
	readonly range?: ByteRange;
	/** What the object must be; it is refused as missing when it is another by now. */
	readonly etag?: string;
}

/** Resolves once the service has found the object. The stream goes on with the same object where a connection broke. */
export async function openObject(
	bucket: Bucket,
	key: string,
	{range, etag, signal}: OpenObjectOptions = {},
): Promise<Readable> {
	const first = await bucket.open(key, {...range, etag, signal});
	const start = range?.start ?? 0;
	return new ResumingStream(first.body, {
		size: first.size,
		mayResume: error => signal?.aborted !== true && !['denied', 'not-found'].includes(classifyError(error)),
		reopen: async (offset, ended) => {
			const either = signal === undefined ? ended : AbortSignal.any([signal, ended]);
			const rest = {start: start + offset, end: start + first.size, etag: first.etag, signal: either};
			return (await bucket.open(key, rest)).body;
		},
		patience: bucket.patience,
	});
}
