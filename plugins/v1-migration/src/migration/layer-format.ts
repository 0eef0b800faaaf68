import {ConversionError} from './conversion-error.ts';

/** How a layer is stored. Engines before 0.4 sent xz. */
export type LayerFormat = 'tar' | 'gzip' | 'xz';

const signatures: readonly (readonly [format: LayerFormat | 'bzip2' | 'zstd', bytes: readonly number[]])[] = [
	['gzip', [0x1f, 0x8b]],
	['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
	['bzip2', [0x42, 0x5a, 0x68]],
	['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** From the first bytes of a layer. Throws `ConversionError` for what no V1 engine has sent. */
export function layerFormat(head: Buffer): LayerFormat {
	const [format] = signatures.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte)) ?? ['tar'];
	if (format === 'bzip2' || format === 'zstd') {
		throw new ConversionError('layer', `the layer is compressed with ${format}, which no V1 engine did`);
	}
	return format;
}
