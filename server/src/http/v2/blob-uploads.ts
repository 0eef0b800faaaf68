import {RegistryError, type Upload} from '@stowage/core';
import {answer} from '../answer.ts';
import type {ImageContext} from '../http-context.ts';
import {hasBody, openBody} from '../request-body.ts';
import {type ChunkRange, parseChunkRange} from './chunk-range.ts';
import {answerCreated, answerUpload, parseDigestParameter, uploadHeaders} from './upload-answer.ts';
import {writeOptions, writerOf} from './writer-of.ts';

/** `GET <upload>` (specification, end-13): how far it is. */
export async function getUpload(context: ImageContext): Promise<void> {
	const upload = await findUpload(context);
	answer(context, 204, uploadHeaders(context, upload));
}

/** `PATCH <upload>` (end-5): some more bytes, with or without a length or a place where they belong. */
export async function appendToUpload(context: ImageContext): Promise<void> {
	const upload = await findUpload(context);
	await append(context, upload);
	answerUpload(context, upload);
}

/** `PUT <upload>?digest=` (end-6): perhaps the last bytes, and what the whole must be. Other bytes are thrown away. */
export async function finishUpload(context: ImageContext): Promise<void> {
	const upload = await findUpload(context);
	const digest = parseDigestParameter(context);
	if (hasBody(context)) {
		await append(context, upload);
	}
	try {
		answerCreated(context, await upload.commit(digest, {signal: context.signal}), upload);
	} catch (error) {
		if (error instanceof RegistryError && error.code === 'DIGEST_INVALID') {
			await upload.cancel();
		}
		throw error;
	}
}

/** `DELETE <upload>` (end-14). */
export async function cancelUpload(context: ImageContext): Promise<void> {
	const upload = await findUpload(context);
	await upload.cancel();
	answer(context, 204, {'Docker-Upload-UUID': upload.id});
}

async function append(context: ImageContext, upload: Upload): Promise<void> {
	const range = findPlace(context, upload);
	await upload.append(openBody(context), {signal: context.signal, givenAway: true, size: range?.size});
}

/** A chunk must begin where the one before has ended; the answer says where that is. Undefined when it says nothing of it. */
function findPlace(context: ImageContext, upload: Upload): ChunkRange | undefined {
	const place = () => ({...uploadHeaders(context, upload)});
	try {
		const range = parseChunkRange(context.req.headers);
		if (range === undefined || range.start === upload.offset) {
			return range;
		}
	} catch (error) {
		if (error instanceof RegistryError && error.code === 'RANGE_INVALID') {
			throw new RegistryError('RANGE_INVALID', error.message, {headers: place(), cause: error});
		}
		throw error;
	}
	const detail = {offset: upload.offset};
	throw new RegistryError('RANGE_INVALID', 'the chunk does not begin where the upload ends', {
		headers: place(),
		detail,
	});
}

async function findUpload(context: ImageContext): Promise<Upload> {
	const id = context.params['upload'] ?? '';
	const upload = await writerOf(context).findUpload(context.image, id, writeOptions(context));
	if (upload === undefined) {
		throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', {
			detail: {upload: id.slice(0, 64)},
		});
	}
	return upload;
}
