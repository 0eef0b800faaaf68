import type {Json} from '@stowage/core';
import {TooManyPartsError} from './errors.ts';

/** "Amazon S3 multipart upload limits": an object has no more. */
const maxParts = 10_000;
const mebibyte = 1024 * 1024;
/** The same place: every part but the last has at least so many bytes. */
export const minPartSize = 5 * mebibyte;
/** Bytes at the end of an append that wait in the state for the next one; more wait in an object of their own. */
export const inlineLimit = 256 * 1024;

/** Bytes that wait in an object beside the upload for being too few for a part. */
export interface TailObject {
	/** Which of the two names it has. */
	readonly slot: 0 | 1;
	readonly size: number;
	/** Whatever wrote there later is told by it. */
	readonly etag: string;
}

/**
 * What a state remembers: parts at the service, and what comes after them and is too short for one: first the bytes of
 * `tailObject`, then those of `inline`.
 */
export interface UploadParts {
	/** Of the service; made when the first part is sent. */
	readonly uploadId?: string;
	/** ETags of the parts, in order. */
	readonly etags: readonly string[];
	readonly tailObject?: TailObject;
	readonly inline: Buffer;
}

export function partsOf(data: Json | undefined): UploadParts {
	const {inline = '', etags = [], ...rest} = (data ?? {}) as Partial<Omit<UploadParts, 'inline'>> & {inline?: string};
	return {...rest, etags, inline: Buffer.from(inline, 'base64')};
}

export function partsToJson({uploadId, etags, tailObject, inline}: UploadParts): Json {
	return {
		...(uploadId === undefined ? {} : {uploadId, etags: [...etags]}),
		...(tailObject === undefined ? {} : {tailObject: {...tailObject}}),
		...(inline.length === 0 ? {} : {inline: inline.toString('base64')}),
	};
}

/** Where the bytes wait that are too few for a part. No key has a `~`, so it is no object to others. */
export function tailKey(key: string, slot: 0 | 1): string {
	return `${key}~${slot}`;
}

/** The name that an append may write to while the state it came from needs the other one. */
export function freeSlot({tailObject}: UploadParts): 0 | 1 {
	return tailObject?.slot === 0 ? 1 : 0;
}

/** Refuses a part more than an object can have. */
export function checkPartCount(count: number): void {
	if (count > maxParts) {
		throw new TooManyPartsError(
			`an object cannot have more than ${maxParts} parts; larger ones need a larger "partMebibytes"`,
		);
	}
}
