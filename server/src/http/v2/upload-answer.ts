import {type Descriptor, type Digest, RegistryError, type Upload, parseDigest} from '@stowage/core';
import {locationOf} from '../addressing.ts';
import {answer} from '../answer.ts';
import type {ImageContext} from '../http-context.ts';
import {findParameter} from './query.ts';
import {warningHeader} from './warning-header.ts';

/** Where an upload goes on and how far it is. Clients read `Range` as `%d-%d`, so nothing at all is `0-0` too. */
export function uploadHeaders({address, image}: ImageContext, {id, offset}: Upload): Record<string, string> {
	return {
		Location: locationOf(address, `/${image}/blobs/uploads/${id}`),
		Range: `0-${Math.max(0, offset - 1)}`,
		'Docker-Upload-UUID': id,
	};
}

/** 202: the upload can go on. `warning` is what the client's user should know, as a sentence. */
export function answerUpload(context: ImageContext, upload: Upload, warning?: string): void {
	answer(context, 202, {...uploadHeaders(context, upload), ...warningHeader(warning), 'Content-Length': 0});
}

/** 201: the image has the blob. */
export function answerCreated(context: ImageContext, {digest}: Descriptor, upload?: Upload): void {
	answer(context, 201, {
		'Content-Length': 0,
		Location: locationOf(context.address, `/${context.image}/blobs/${digest}`),
		'Docker-Content-Digest': digest,
		...(upload === undefined ? {} : {'Docker-Upload-UUID': upload.id}),
	});
}

/** The digest in the query. Throws `DIGEST_INVALID` without one. */
export function parseDigestParameter(context: ImageContext): Digest {
	const text = findParameter(context, 'digest');
	if (text === undefined) {
		throw new RegistryError('DIGEST_INVALID', 'the digest parameter is missing');
	}
	return parseDigest(text);
}
