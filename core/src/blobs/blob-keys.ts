import {type Digest, digestAlgorithm, digestHex} from '../oci/digest.ts';

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

/** Key of the upload that an object of either kind came from. */
export function uploadKeyOf(key: string): string {
	return uploadKey(key.slice(key.lastIndexOf('/') + 1));
}
