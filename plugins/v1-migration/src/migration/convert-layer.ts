import type {Abortable, Digest, Upload} from '@stowage/core';
import {addAbortSignal} from 'node:stream';
import {ConversionError} from './conversion-error.ts';
import {inspectGzip} from './inspect-gzip.ts';
import {type LayerFormat, layerFormat} from './layer-format.ts';
import type {LayerLimits} from './layer-limits.ts';
import {type LayerReadOptions, LayerReading} from './layer-reading.ts';
import {recompress} from './recompress.ts';
import {StoredBytes} from './stored-bytes.ts';
import type {V1SourceLayer} from './v1-source.ts';

/** What a V1 layer is on the other side: a blob, or nothing, when it changes no file. */
export type ConvertedLayer =
	| {readonly empty: true}
	| {readonly empty: false; readonly digest: Digest; readonly size: number; readonly diffId: Digest};

export interface LayerConversion extends Abortable {
	readonly limits: LayerLimits;
	readonly startUpload: () => Promise<Upload>;
	/** Called with how many bytes have come, each time that some have. */
	readonly onReceive?: (bytes: number) => void;
}

/** So much of a layer is looked at before an upload begins: most empty ones have 32 or 1,024 bytes. */
const headBytes = 65_536;

/**
 * Uploads the layer: gzip as it is, so that the blob has the digest that the layer always had, anything else compressed.
 * Memory does not depend on its size. Rejects with `ConversionError` when it is broken, hostile or too large; then
 * nothing of it is left.
 */
export async function convertLayer(layer: V1SourceLayer, conversion: LayerConversion): Promise<ConvertedLayer> {
	const {signal} = conversion;
	signal?.throwIfAborted();
	const body = await layer.open({signal});
	if (signal !== undefined) {
		addAbortSignal(signal, body);
	}
	// Whoever iterates is told; but an error may come when nobody does.
	body.on('error', () => undefined);
	const pieces = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
	try {
		const {head, whole} = await takeHead(pieces);
		if (head.length === 0) {
			return {empty: true};
		}
		const format = layerFormat(head);
		if (whole && (await isEmpty(head, format, conversion))) {
			return {empty: true};
		}
		return await upload(concat(head, pieces), format, conversion);
	} catch (error) {
		signal?.throwIfAborted();
		throw conversionErrorOf(error);
	} finally {
		// First, since who waits for a piece that never comes would be waited for.
		body.destroy();
		await pieces.return?.();
	}
}

async function takeHead(source: AsyncIterator<Buffer>): Promise<{readonly head: Buffer; readonly whole: boolean}> {
	const pieces: Buffer[] = [];
	let bytes = 0;
	while (bytes < headBytes) {
		const next = await source.next();
		if (next.done === true) {
			return {head: Buffer.concat(pieces), whole: true};
		}
		pieces.push(next.value);
		bytes += next.value.length;
	}
	return {head: Buffer.concat(pieces), whole: false};
}

async function* concat(head: Buffer, rest?: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
	yield head;
	for (let next = await rest?.next(); next?.done === false; next = await rest?.next()) {
		yield next.value;
	}
}

async function isEmpty(bytes: Buffer, format: LayerFormat, {limits, signal}: LayerConversion): Promise<boolean> {
	const reading = new LayerReading(limits);
	for await (const piece of toGzip(concat(bytes), format, {reading, signal})) {
		void piece;
	}
	return reading.end().entries === 0;
}

async function upload(
	pieces: AsyncIterable<Buffer>,
	format: LayerFormat,
	{limits, startUpload, onReceive, signal}: LayerConversion,
): Promise<ConvertedLayer> {
	const upload = await startUpload();
	const reading = new LayerReading(limits, onReceive);
	const stored = new StoredBytes(toGzip(pieces, format, {reading, signal}));
	try {
		await upload.append(stored.body, {signal});
		const {diffId, entries} = reading.end();
		if (entries === 0) {
			await upload.cancel();
			return {empty: true};
		}
		const {digest, size} = stored;
		await upload.commit(digest, {signal});
		return {empty: false, digest, size, diffId};
	} catch (error) {
		await upload.cancel();
		throw error;
	} finally {
		stored.body.destroy();
	}
}

function toGzip(pieces: AsyncIterable<Buffer>, format: LayerFormat, options: LayerReadOptions): AsyncIterable<Buffer> {
	return format === 'gzip' ? inspectGzip(pieces, options) : recompress(pieces, format, options);
}

/** What a decompressor says of broken bytes is about the layer, and not about this server. */
function conversionErrorOf(error: unknown): unknown {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return code.startsWith('Z_') ? new ConversionError('layer', 'the layer is broken gzip', {cause: error}) : error;
}
