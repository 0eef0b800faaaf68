import type {BlobRecord, BlobRecords} from '../metadata/blob-records.ts';
import type {Digest} from '../oci/digest.ts';
import type {Abortable} from '../types/abortable.ts';

const pageSize = 200;

/** All blobs of a storage, in the order of their digests. What comes or goes meanwhile may be among them or not. */
export async function* listStoredBlobs(
	blobs: BlobRecords,
	storage: string,
	{signal}: Abortable = {},
): AsyncIterable<BlobRecord> {
	for (let after: Digest | undefined; ;) {
		signal?.throwIfAborted();
		const page = await blobs.list(storage, {after, limit: pageSize});
		yield* page;
		after = page.at(-1)?.digest;
		if (page.length < pageSize) {
			return;
		}
	}
}
