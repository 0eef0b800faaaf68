import type {BlobClient, BlockBlobClient, BlockBlobStageBlockFromURLOptions} from '@azure/storage-blob';
import {MissingError} from '@stowage/core';
import {type BeginCopy, propertiesOf} from './copy-blob.ts';
import type {OpenSource} from './copy-source.ts';
import {blockId, newRun} from './upload-blocks.ts';

const mebibyte = 1024 * 1024;
/** What the service copies in one call (Copy Blob From URL). */
const copiedAtOnce = 256 * mebibyte;
/** Small enough to be there before a call is given up, and large enough for the number of blocks that a blob can have. */
const pieceSize = 100 * mebibyte;
const parallel = 4;

export interface EncryptedCopyOptions {
	readonly openSource: OpenSource;
	readonly encryptionScope: string;
	readonly tier?: string;
}

interface PieceSource {
	readonly url: string;
	readonly settings: BlockBlobStageBlockFromURLOptions;
}

/**
 * A copy in an encryption scope. The service makes none by its own pace, so it is asked for one in a call, or piece by
 * piece where the blob is too large for that; it reads the source as anybody else does.
 */
export function beginEncryptedCopy(
	from: BlobClient,
	to: BlockBlobClient,
	{openSource, encryptionScope, tier}: EncryptedCopyOptions,
): BeginCopy {
	return async ({signal}) => {
		const found = await propertiesOf(from, {signal});
		if (found === undefined) {
			throw new MissingError(`there is no blob ${from.name}`);
		}
		const size = found.contentLength ?? 0;
		const {url, ...authorized} = await openSource(from, {signal});
		const settings = {encryptionScope, abortSignal: signal, ...authorized};
		const written = {tier, conditions: {ifNoneMatch: '*'}};
		if (size <= copiedAtOnce) {
			await to.syncCopyFromURL(url, {...settings, ...written});
		} else {
			const ids = await stagePieces(to, size, {url, settings});
			await to.commitBlockList(ids, {encryptionScope, abortSignal: signal, ...written});
		}
		return true;
	};
}

/** Gives the ids of the blocks, in order. */
async function stagePieces(to: BlockBlobClient, size: number, {url, settings}: PieceSource): Promise<string[]> {
	const run = newRun();
	const ids = Array.from({length: Math.ceil(size / pieceSize)}, (_, index) => blockId(run, index));
	for (let first = 0; first < ids.length; first += parallel) {
		const batch = ids.slice(first, first + parallel).map((id, index) => {
			const start = (first + index) * pieceSize;
			return to.stageBlockFromURL(id, url, start, Math.min(pieceSize, size - start), settings);
		});
		await Promise.all(batch);
	}
	return ids;
}
