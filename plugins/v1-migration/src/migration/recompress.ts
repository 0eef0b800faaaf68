import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';
import {decompressXz} from './decompress-xz.ts';
import type {LayerFormat} from './layer-format.ts';
import type {LayerReadOptions} from './layer-reading.ts';

/** Of the gzip header, the byte that tells the operating system (RFC 1952, section 2.3); 255: unknown. */
const systemByte = 9;

/** A tar that was not gzip as gzip: the same bytes for the same tar. Throws what is wrong with it. */
export async function* recompress(
	pieces: AsyncIterable<Buffer>,
	format: Exclude<LayerFormat, 'gzip'>,
	{reading, signal}: LayerReadOptions,
): AsyncGenerator<Buffer> {
	const gzip = createGzip({level: 6, chunkSize: 65_536});
	const compressing = pipeline(
		async function* (): AsyncGenerator<Buffer> {
			const counted = count(pieces, reading);
			for await (const piece of format === 'xz' ? decompressXz(counted, {signal}) : counted) {
				reading.take(piece);
				yield piece;
			}
		},
		gzip,
		{signal},
	);
	// It is told by the stream that is read here.
	compressing.catch(() => undefined);
	let first = true;
	for await (const piece of gzip as AsyncIterable<Buffer>) {
		if (first) {
			piece[systemByte] = 0xff;
			first = false;
		}
		yield piece;
	}
	await compressing;
}

async function* count(pieces: AsyncIterable<Buffer>, reading: LayerReadOptions['reading']): AsyncGenerator<Buffer> {
	for await (const piece of pieces) {
		reading.receive(piece.length);
		yield piece;
	}
}
