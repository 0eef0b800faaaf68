import {type BlobContent, destroyOnAbort} from '@stowage/core';
import type {ServerResponse} from 'node:http';
import {exactly} from './exactly.ts';
import {written} from './written.ts';

/**
 * Sends bytes that come as a stream, which is destroyed with it, and gives back each piece once it was handed to the
 * system. Rejects when there are more or fewer than there should be, and with an `AbortError` when the client leaves.
 */
export async function sendBody(
	{body, size}: Extract<BlobContent, {kind: 'bytes'}>,
	response: ServerResponse,
	signal: AbortSignal,
): Promise<void> {
	using _abort = destroyOnAbort(body, signal);
	let sent: Promise<void> = Promise.resolve();
	for await (const piece of exactly(size, body)) {
		await sent;
		sent = written(response, piece, signal).then(() => body.release?.(piece));
		// It may fail while the next piece is awaited.
		sent.catch(() => undefined);
	}
	await sent;
	response.end();
}
