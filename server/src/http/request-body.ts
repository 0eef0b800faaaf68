import type {Readable} from 'node:stream';
import {RegistryError} from '@stowage/core';
import type {HttpContext} from './http-context.ts';

/** Whether the client waits to be told to send its body (RFC 9110, section 10.1.1) and was not told yet. */
export function awaitsContinue({req, continued}: HttpContext): boolean {
	return req.headers.expect !== undefined && continued !== true;
}

/** Whether there is a body at all. */
export function hasBody({req}: HttpContext): boolean {
	return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

/** The body, for who reads it without destroying it: that would take from the client the answer that says what went wrong. */
export function openBody(context: HttpContext): Readable {
	tellToSend(context);
	return context.req;
}

/** The whole body. Throws `SIZE_INVALID` with status 413, before reading it where its length is told, when it is longer. */
export async function readBody(context: HttpContext, limit: number): Promise<Buffer> {
	if (Number(context.req.headers['content-length'] ?? 0) > limit) {
		throw tooLarge(limit);
	}
	const pieces: Buffer[] = [];
	let size = 0;
	tellToSend(context);
	for await (const piece of context.req.iterator({destroyOnReturn: false})) {
		size += (piece as Buffer).length;
		if (size > limit) {
			throw tooLarge(limit);
		}
		pieces.push(piece as Buffer);
	}
	return Buffer.concat(pieces, size);
}

/** To be called once the body is wanted: a client that waits is told to go on. */
export function tellToSend(context: HttpContext): void {
	if (awaitsContinue(context)) {
		context.continued = true;
		context.res.writeContinue();
	}
}

function tooLarge(limit: number): RegistryError {
	return new RegistryError('SIZE_INVALID', `the body is larger than ${limit} bytes`, {status: 413, detail: {limit}});
}
