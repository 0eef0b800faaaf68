import {type BlobContent, type ByteRange, type Descriptor, parseDigest} from '@stowage/core';
import {Readable} from 'node:stream';

const bytes = Buffer.from('H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=', 'base64');

/** The gzipped empty tar that old images of Docker are full of, and that many registries do not store. */
export const emptyLayer: Descriptor = {
	mediaType: 'application/octet-stream',
	digest: parseDigest('sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4'),
	size: bytes.length,
};

export function openEmptyLayer({start, end}: ByteRange = {start: 0, end: bytes.length}): BlobContent {
	return {kind: 'bytes', size: end - start, body: Readable.from([bytes.subarray(start, end)], {objectMode: false})};
}
