import type {Readable} from 'node:stream';
import {OutboundError} from './outbound-error.ts';

/** All of `body`, which came from `url`. Rejects with `bad-answer` as soon as it is more than `maxBytes`. */
export async function readBounded(body: Readable, maxBytes: number, url: URL): Promise<Buffer> {
	const pieces: Buffer[] = [];
	let size = 0;
	for await (const piece of body) {
		size += (piece as Buffer).length;
		if (size > maxBytes) {
			throw new OutboundError('bad-answer', `${url.host} answers with more than ${maxBytes} bytes`);
		}
		pieces.push(piece as Buffer);
	}
	return Buffer.concat(pieces, size);
}
