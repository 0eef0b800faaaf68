import type {Digest} from '../../oci/digest.ts';
import {dropEmptyImages, lockImage} from './image-rows.ts';
import type {ImageKey} from './manifest-rows.ts';
import type {Session} from './session.ts';

const manifestSql = 'select id from manifests where image_id = ? and digest = ?';
const inIndexSql = `select 1 from manifest_references where image_id = ? and digest = ? and kind = 'manifest' limit 1`;

/** Whoever stores an index that names the manifest locks the image too, so only one of both can be first. */
export function deleteManifest(
	session: Session,
	{repository, image}: ImageKey,
	digest: Digest,
): Promise<'deleted' | 'unknown' | 'in-index'> {
	return session.transaction(async inner => {
		const imageId = await lockImage(inner, repository, image);
		if (imageId === undefined) {
			return 'unknown';
		}
		const manifest = await inner.selectFirst<{id: number}>(manifestSql, [imageId, digest]);
		if (manifest === undefined) {
			return 'unknown';
		}
		if (await inner.selectFirst(inIndexSql, [imageId, digest])) {
			return 'in-index';
		}
		await inner.run('tags', tags => tags.where('manifest_id', manifest.id).delete());
		await inner.run('manifest_pulls', pulls => pulls.where('manifest_id', manifest.id).delete());
		await inner.run('manifest_references', references => references.where('manifest_id', manifest.id).delete());
		await inner.run('manifests', manifests => manifests.where('id', manifest.id).delete());
		await dropEmptyImages(inner, [imageId]);
		return 'deleted';
	});
}
