import {type ByteRange, type Digest, type FoundBlob, RegistryError, parseDigest} from '@stowage/core';
import type {OutgoingHttpHeaders} from 'node:http';
import {answer} from '../answer.ts';
import type {ImageContext} from '../http-context.ts';
import {beforePush} from './before-push.ts';
import {isNotModified, isSameRange} from './preconditions.ts';
import {parseRangeHeader, resolveRanges} from './range-header.ts';
import {readOptions} from './read-options.ts';
import {sendContent} from './send-content.ts';
import {sendParts} from './send-parts.ts';
import {writeOptions, writerOf} from './writer-of.ts';

/** `GET` and `HEAD /<image>/blobs/<digest>` (specification, end-2). */
export async function getBlob(context: ImageContext): Promise<void> {
	await answerBlob(context, parseDigest(context.params['digest'] ?? ''));
}

/** Answers with a blob of the image, or what of it is asked for. `more` are further headers. */
export async function answerBlob(context: ImageContext, digest: Digest, more: OutgoingHttpHeaders = {}): Promise<void> {
	const headers = Object.assign(blobHeaders(digest), more);
	if (isNotModified(context.req.headers, {etag: digest})) {
		await findSize(context, digest);
		answer(context, 304, headers);
	} else if (context.req.method === 'HEAD') {
		headers['Content-Length'] = await findSize(context, digest);
		answer(context, 200, headers);
	} else {
		await sendBlob(context, digest, headers);
	}
}

/** `DELETE /<image>/blobs/<digest>` (end-10). */
export async function deleteBlob(context: ImageContext): Promise<void> {
	const digest = parseDigest(context.params['digest'] ?? '');
	if (!(await writerOf(context).deleteBlob(context.image, digest, writeOptions(context)))) {
		throw blobUnknown(digest);
	}
	answer(context, 202, {'Content-Length': 0});
}

async function findSize(context: ImageContext, digest: Digest): Promise<number> {
	let found: FoundBlob | undefined;
	try {
		found = await context.repository.findBlob(context.image, digest, {...readOptions(context), peek: true});
	} catch (error) {
		throw beforePush(context, error, 'BLOB_UNKNOWN');
	}
	if (found === undefined) {
		throw blobUnknown(digest);
	}
	return found.descriptor.size;
}

async function sendBlob(context: ImageContext, digest: Digest, headers: OutgoingHttpHeaders): Promise<void> {
	const {req, repository, image} = context;
	const specs = isSameRange(req.headers, digest) ? parseRangeHeader(req.headers.range) : undefined;
	let whole = 0;
	let ranges: readonly ByteRange[] | undefined;
	const range = (size: number) => {
		whole = size;
		ranges = specs && resolveRanges(specs, size);
		if (ranges?.length === 0) {
			throw rangeInvalid(size);
		}
		return ranges?.[0];
	};
	const redirect = (specs?.length ?? 0) < 2;
	const content = await repository.openBlob(image, digest, {...readOptions(context), range, redirect});
	if (content === undefined) {
		throw blobUnknown(digest);
	}
	if (ranges !== undefined && ranges.length > 1) {
		await sendParts(context, {digest, headers, content, ranges, whole});
	} else {
		await sendContent(context, {headers, content, range: ranges?.[0], whole});
	}
}

function blobHeaders(digest: Digest): OutgoingHttpHeaders {
	return {
		'Content-Type': 'application/octet-stream',
		'Docker-Content-Digest': digest,
		ETag: `"${digest}"`,
		'Accept-Ranges': 'bytes',
		'Cache-Control': 'private, max-age=31536000',
		'X-Content-Type-Options': 'nosniff',
	};
}

function rangeInvalid(size: number): RegistryError {
	return new RegistryError('RANGE_INVALID', 'the blob has no such part', {
		headers: {'Content-Range': `bytes */${size}`},
		detail: {size},
	});
}

function blobUnknown(digest: Digest): RegistryError {
	return new RegistryError('BLOB_UNKNOWN', 'blob unknown to registry', {detail: {digest}});
}
