import {once} from 'node:events';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import {ConversionError} from './conversion-error.ts';
import type {LayerReadOptions} from './layer-reading.ts';

/** Passes gzip on as it is, each piece once what is in it was looked at. Throws what is wrong with it. */
export async function* inspectGzip(
	pieces: AsyncIterable<Buffer>,
	{reading, signal}: LayerReadOptions,
): AsyncGenerator<Buffer> {
	const gunzip = createGunzip({chunkSize: 65_536});
	const broken = new AbortController();
	const inspecting = pipeline(
		gunzip,
		async (tar: AsyncIterable<Buffer>) => {
			for await (const piece of tar) {
				reading.take(piece);
			}
		},
		{signal},
	).catch((error: unknown) => broken.abort(error));
	try {
		for await (const piece of pieces) {
			reading.receive(piece.length);
			if (!gunzip.write(piece)) {
				await once(gunzip, 'drain', {signal: broken.signal}).catch(() => undefined);
			}
			broken.signal.throwIfAborted();
			yield piece;
		}
		gunzip.end();
		await inspecting;
		broken.signal.throwIfAborted();
		if (gunzip.bytesWritten !== reading.received) {
			throw new ConversionError('layer', 'the layer has bytes after the end of its gzip');
		}
	} finally {
		gunzip.destroy();
		await inspecting;
	}
}
