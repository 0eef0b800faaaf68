import type {Digest} from '../../../oci/digest.ts';
import type {BlobChecksums} from '../../item-records.ts';
import type {ImagePlace} from '../../promotion-records.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';

export async function findChecksums(
	session: Session,
	{repository, image}: ImagePlace,
	digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, BlobChecksums>> {
	const found = new Map<Digest, BlobChecksums>();
	for (const part of chunks(digests)) {
		const rows = await session.run<readonly (BlobChecksums & {readonly digest: Digest})[]>('images', images =>
			images
				.join('image_blobs', 'image_blobs.image_id', 'images.id')
				.join('blob_checksums', 'blob_checksums.blob_id', 'image_blobs.blob_id')
				.select('image_blobs.digest', 'blob_checksums.md5', 'blob_checksums.sha1')
				.where('images.repository_id', repository)
				.where('images.name', image)
				.whereIn('image_blobs.digest', part),
		);
		for (const {digest, md5, sha1} of rows) {
			found.set(digest, {md5, sha1});
		}
	}
	return found;
}

export async function keepChecksums(session: Session, digest: Digest, {md5, sha1}: BlobChecksums): Promise<void> {
	await session.transaction(async inner => {
		const ids = await inner.run<readonly number[]>('blobs', blobs =>
			inner.share(blobs.where({digest}).orderBy('id').pluck('id')),
		);
		for (const id of ids) {
			await inner.run('blob_checksums', rows =>
				rows.insert({blob_id: id, md5, sha1}).onConflict('blob_id').merge(['md5', 'sha1']),
			);
		}
	});
}
