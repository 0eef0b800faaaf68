import {type BlobContent, destroyOnAbort, takePieces, unlessAborted} from '@stowage/core';
import type {ServerResponse} from 'node:http';
import {PieceSender} from './piece-sender.ts';
import {wrongSize} from './wrong-size.ts';

/**
 * Sends bytes that come as a stream, which is destroyed with it, and gives back each piece once it was handed to the
 * system. Rejects when there are more or fewer than there should be, and with an `AbortError` when the client leaves.
 */
export async function sendBody(
	content: Extract<BlobContent, {kind: 'bytes'}>,
	response: ServerResponse,
	signal: AbortSignal,
): Promise<void> {
	using _abort = destroyOnAbort(content.body, signal);
	try {
		await unlessAborted(sendAll(content, response), signal);
	} finally {
		content.body.destroy();
	}
	response.end();
}

async function sendAll({body, size}: Extract<BlobContent, {kind: 'bytes'}>, response: ServerResponse): Promise<void> {
	const sender = new PieceSender(response, body);
	let passed = 0;
	await takePieces(body, piece => {
		passed += piece.length;
		if (passed > size) {
			throw wrongSize(passed, size);
		}
		return sender.send(piece);
	});
	if (passed < size) {
		throw wrongSize(passed, size);
	}
	await sender.settled();
}
