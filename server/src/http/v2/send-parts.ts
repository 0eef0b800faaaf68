import {randomBytes} from 'node:crypto';
import type {BlobContent, ByteRange, Digest} from '@stowage/core';
import type {OutgoingHttpHeaders} from 'node:http';
import {pipeline} from 'node:stream/promises';
import {startAnswer} from '../answer.ts';
import type {ImageContext} from '../http-context.ts';
import {exactly} from './exactly.ts';
import {readOptions} from './read-options.ts';
import {openContent} from './send-content.ts';

export interface SentParts {
	readonly digest: Digest;
	readonly headers: OutgoingHttpHeaders;
	/** The first part, opened. */
	readonly content: BlobContent;
	readonly ranges: readonly ByteRange[];
	/** Size of the whole blob. */
	readonly whole: number;
}

/** Sends several parts of a blob as `multipart/byteranges` (RFC 9110, section 14.6), opening each when its turn comes. */
export async function sendParts(
	context: ImageContext,
	{digest, headers, content, ranges, whole}: SentParts,
): Promise<void> {
	const boundary = randomBytes(18).toString('hex');
	const heads = ranges.map(({start, end}, index) =>
		Buffer.from(
			`${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
				`Content-Range: bytes ${start}-${end - 1}/${whole}\r\n\r\n`,
		),
	);
	const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
	const length = heads.reduce((sum, head) => sum + head.length, tail.length);
	headers['Content-Type'] = `multipart/byteranges; boundary=${boundary}`;
	headers['Content-Length'] = ranges.reduce((sum, {start, end}) => sum + end - start, length);
	startAnswer(context, 206, headers);
	const pieces = async function* () {
		for (const [index, range] of ranges.entries()) {
			yield heads[index] as Buffer;
			const part = index === 0 ? content : await openPart(context, digest, range);
			yield* partOf(part, range);
		}
		yield tail;
	};
	try {
		await pipeline(pieces, context.res);
	} finally {
		if (content.kind === 'bytes') {
			content.body.destroy();
		}
	}
}

async function openPart(context: ImageContext, digest: Digest, range: ByteRange): Promise<BlobContent | undefined> {
	return context.repository.openBlob(context.image, digest, {...readOptions(context), range: () => range});
}

async function* partOf(part: BlobContent | undefined, {start, end}: ByteRange): AsyncGenerator<Uint8Array, void> {
	if (part === undefined || part.kind === 'elsewhere') {
		throw new Error('the blob went away while its parts were sent');
	}
	const body = await openContent(part);
	try {
		yield* exactly(end - start, body);
	} finally {
		body.destroy();
	}
}
