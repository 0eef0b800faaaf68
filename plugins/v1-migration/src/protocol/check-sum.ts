import type {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import type {Abortable, BlobContent, ReceivedV1Image} from '@stowage/core';
import type {LimitFunction} from 'p-limit';
import {refusal} from './answers.ts';
import {ConversionError} from '../migration/conversion-error.ts';
import {freeBytes} from '../migration/layer-limits.ts';
import {TarSum, type TarSumVersion} from './tar-sum.ts';

/** How many times as many bytes as the layer its tar may have, beyond {@link freeBytes}: more is a bomb. */
const mostExpansion = 200;

export interface ToldSums extends Abortable {
	/** `X-Docker-Checksum-Payload`; empty when it was not sent. */
	readonly payload: string;
	/** `X-Docker-Checksum`; likewise. */
	readonly checksum: string;
	readonly openLayer: () => Promise<BlobContent>;
	/** Of the sums of tars, which read whole layers and remember all of their entries. */
	readonly limit: LimitFunction;
}

/**
 * Throws unless what was received is what was sent: 412 when the client does not say, 400 when it says another sum. That
 * of the bytes counts where it is told; engines before 0.10 tell only one of the tar's entries.
 */
export async function checkSum(received: ReceivedV1Image, told: ToldSums): Promise<void> {
	const {payload, checksum} = told;
	const wanted = payload === '' ? checksum : payload;
	if (wanted === '') {
		throw refusal(412, "Missing Image's checksum");
	}
	const [, version] = /^(tarsum(?:\.v1)?)\+sha256:[a-f0-9]{64}$/.exec(wanted) ?? [];
	if (version === undefined && !/^sha256:[a-f0-9]{64}$/.test(wanted)) {
		throw refusal(400, 'the checksum is none of sha256, tarsum+sha256 and tarsum.v1+sha256');
	}
	const found =
		version === undefined
			? received.checksum
			: await told.limit(() => sumLayer(received, version as TarSumVersion, told));
	if (found !== wanted) {
		throw refusal(400, 'Checksum mismatch');
	}
}

async function sumLayer(
	{json, layer}: ReceivedV1Image,
	version: TarSumVersion,
	{openLayer, signal}: ToldSums,
): Promise<string> {
	// It may have waited for others.
	signal?.throwIfAborted();
	const sum = new TarSum(version);
	const limit = Math.max(freeBytes, layer.size * mostExpansion);
	let bytes = 0;
	const take = async (source: AsyncIterable<Buffer>) => {
		for await (const piece of source) {
			bytes += piece.length;
			if (bytes > limit) {
				throw refusal(400, 'the layer expands to too much for its sum to be told');
			}
			sum.push(piece);
		}
	};
	const body = await openBody(openLayer);
	try {
		const compressed = await isGzip(openLayer);
		await (compressed ? pipeline(body, createGunzip(), take, {signal}) : pipeline(body, take, {signal}));
	} catch (error) {
		throw isBroken(error) ? refusal(400, 'the layer is no tar, compressed or not') : error;
	} finally {
		body.destroy();
	}
	return sum.end(json);
}

async function isGzip(openLayer: () => Promise<BlobContent>): Promise<boolean> {
	const body = await openBody(openLayer);
	const head: Buffer[] = [];
	for await (const piece of body) {
		head.push(piece as Buffer);
		if (Buffer.concat(head).length > 1) {
			break;
		}
	}
	return Buffer.concat(head)
		.subarray(0, 2)
		.equals(Buffer.from([0x1f, 0x8b]));
}

async function openBody(openLayer: () => Promise<BlobContent>): Promise<Readable> {
	const content = await openLayer();
	if (content.kind === 'elsewhere') {
		throw new Error('a layer to be read here was given as an address');
	}
	return content.kind === 'file' ? content.open() : content.body;
}

function isBroken(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return error instanceof ConversionError || code.startsWith('Z_');
}
