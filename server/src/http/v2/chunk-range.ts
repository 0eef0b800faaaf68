import type {IncomingHttpHeaders} from 'node:http';
import {RegistryError} from '@stowage/core';

/** Where a chunk says that it belongs. */
export interface ChunkRange {
	/** Of its first byte. */
	readonly start: number;
	/** How many bytes it has. */
	readonly size: number;
}

/**
 * `Content-Range` of a chunk: `0-99`, though `bytes 0-99/*` is understood too. Undefined without one. Throws
 * `RANGE_INVALID` when it cannot be read, and `SIZE_INVALID` when the body is said to have another length; one whose length
 * is not told beforehand is to be counted.
 */
export function parseChunkRange(headers: IncomingHttpHeaders): ChunkRange | undefined {
	const header = headers['content-range'];
	if (header === undefined) {
		return undefined;
	}
	const [, first, last] = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/.exec(header) ?? [];
	const start = Number(first);
	const size = Number(last) - start + 1;
	if (!(size > 0)) {
		throw new RegistryError('RANGE_INVALID', 'Content-Range is not <first>-<last>');
	}
	const length = headers['content-length'];
	if (length !== undefined && Number(length) !== size) {
		const detail = {contentRange: header, contentLength: length};
		throw new RegistryError('SIZE_INVALID', 'Content-Range and Content-Length differ', {detail});
	}
	return {start, size};
}
