import type {Digest} from '../../../oci/digest.ts';
import type {ItemContent} from '../../item-records.ts';
import type {ImagePlace} from '../../promotion-records.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';

interface ContentRow {
	readonly manifest: Digest;
	readonly digest: Digest;
	readonly kind: 'config' | 'layer' | 'manifest';
	readonly size: number | null;
}

/** The same digest may be held on several storages, and named several times: the first counts. */
export async function readContents(
	session: Session,
	place: ImagePlace,
	manifests: readonly Digest[],
): Promise<ReadonlyMap<Digest, readonly ItemContent[]>> {
	const contents = new Map<Digest, Map<Digest, ItemContent>>();
	for (const part of chunks(manifests)) {
		for (const {manifest, digest, kind, size} of await readRows(session, place, part)) {
			const named = contents.get(manifest) ?? new Map<Digest, ItemContent>();
			contents.set(manifest, named);
			// An entry of an index is a folder of its own, unless it turns out to be a blob.
			if (!named.has(digest) && (kind !== 'manifest' || size !== null)) {
				named.set(digest, {digest, kind: kind === 'config' ? kind : 'layer', ...(size !== null && {size})});
			}
		}
	}
	return new Map([...contents].map(([manifest, named]) => [manifest, [...named.values()]]));
}

function readRows(
	session: Session,
	{repository, image}: ImagePlace,
	manifests: readonly Digest[],
): Promise<readonly ContentRow[]> {
	return session.run<readonly ContentRow[]>('images', images =>
		images
			.join('manifests', 'manifests.image_id', 'images.id')
			.join('manifest_references', 'manifest_references.manifest_id', 'manifests.id')
			.leftJoin('image_blobs', held => {
				held
					.on('image_blobs.image_id', 'manifest_references.image_id')
					.on('image_blobs.digest', 'manifest_references.digest');
			})
			.leftJoin('blobs', 'blobs.id', 'image_blobs.blob_id')
			.select(
				'manifests.digest as manifest',
				'manifest_references.digest',
				'manifest_references.kind',
				'blobs.size as size',
			)
			.where('images.repository_id', repository)
			.where('images.name', image)
			.whereIn('manifests.digest', manifests)
			.orderBy(['manifest_references.manifest_id', 'manifest_references.position']),
	);
}
