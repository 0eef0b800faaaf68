import {setTimeout as sleep} from 'node:timers/promises';
import type {BlobClient, BlobGetPropertiesResponse} from '@azure/storage-blob';
import type {Abortable} from '@stowage/core';
import {errorCode, isMissing} from './errors.ts';

const firstPause = 50;
const longestPause = 5_000;

/** A copy that the service gave up. */
export class CopyFailedError extends Error {
	override readonly name = 'CopyFailedError';
	readonly code = 'ECONNABORTED';
}

/** Asks for a copy where there is nothing yet. True when it was done at once. */
export type BeginCopy = (options: Abortable) => Promise<boolean>;

/**
 * Has a blob copied within the service and resolves when the copy is whole. A copy that somebody has begun is waited for,
 * a whole one is left, and a broken one made again.
 */
export async function copyBlob(begin: BeginCopy, to: BlobClient, {signal}: Abortable): Promise<void> {
	for (;;) {
		if (await begun(begin, {signal})) {
			return;
		}
		const properties = await finished(to, {signal});
		if (isWhole(properties)) {
			return;
		}
		if (properties !== undefined) {
			await to.delete({abortSignal: signal, conditions: {ifMatch: properties.etag}});
		}
		if (properties?.copyStatus === 'failed') {
			throw new CopyFailedError(`the service did not copy the blob: ${properties.copyStatusDescription ?? ''}`);
		}
	}
}

/** Whether a blob is there and is not the place that a copy under way or given up has taken. */
export function isWhole(properties: Pick<BlobGetPropertiesResponse, 'copyStatus'> | undefined): boolean {
	return properties !== undefined && (properties.copyStatus ?? 'success') === 'success';
}

/** A copy by the service's own pace, which mostly is done at once within an account (Copy Blob). */
export function beginCopy(from: string, to: BlobClient, {tier}: {readonly tier?: string}): BeginCopy {
	return async ({signal}) => {
		const settings = {tier, abortSignal: signal, conditions: {ifNoneMatch: '*'}};
		const poller = await to.beginCopyFromURL(from, settings);
		return isWhole(poller.getOperationState().result);
	};
}

async function begun(begin: BeginCopy, options: Abortable): Promise<boolean> {
	try {
		return await begin(options);
	} catch (error) {
		if (['BlobAlreadyExists', 'PendingCopyOperation'].includes(errorCode(error) ?? '')) {
			return false;
		}
		throw error;
	}
}

/** What there is once no copy is under way any more; undefined when there is nothing. */
async function finished(to: BlobClient, {signal}: Abortable): Promise<BlobGetPropertiesResponse | undefined> {
	for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
		const properties = await propertiesOf(to, {signal});
		if (properties?.copyStatus !== 'pending') {
			return properties;
		}
		await sleep(pause, undefined, {signal});
	}
}

/** Undefined when there is no such blob. */
export async function propertiesOf(
	blob: BlobClient,
	{signal}: Abortable,
): Promise<BlobGetPropertiesResponse | undefined> {
	try {
		return await blob.getProperties({abortSignal: signal});
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}
		throw error;
	}
}
