import {type Digest, digestAlgorithm, digestHex, findDigest} from '../oci/digest.ts';

/** Prefixes below which this registry keeps objects of its own on a storage. */
export const blobPrefix = 'blobs/';
export const uploadPrefix = 'uploads/';

/** Where bytes are received. */
export function uploadKey(uploadId: string): string {
	return `${uploadPrefix}${uploadId}`;
}

/** Where a verified blob stays. Never used twice, so that deleting a blob and pushing it again cannot meet. */
export function blobKey(digest: Digest, uploadId: string): string {
	const hex = digestHex(digest);
	return `${blobPrefix}${digestAlgorithm(digest)}/${hex.slice(0, 2)}/${hex}/${uploadId}`;
}

/** What a key of a blob says of it; undefined for a key that is none. */
export function digestOfBlobKey(key: string): Digest | undefined {
	const [, algorithm, start = '', hex = '', id] = key.split('/');
	const whole = key.startsWith(blobPrefix) && id !== undefined && hex.startsWith(start);
	return whole ? findDigest(`${algorithm}:${hex}`) : undefined;
}

/** Key of the upload that an object of either kind came from. */
export function uploadKeyOf(key: string): string {
	return uploadKey(key.slice(key.lastIndexOf('/') + 1));
}
