import type {Digest} from '../../oci/digest.ts';
import {deleteManifestRows} from './delete-manifest-rows.ts';
import {dropEmptyImages, lockImage} from './image-rows.ts';
import type {ImageKey} from './manifest-rows.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {WriteRules} from '../write-rules.ts';
import {dropHistory} from './rules/drop-history.ts';
import {demandMutable} from './rules/immutable-tags.ts';
import type {Session} from './session.ts';

const manifestSql = 'select id from manifests where image_id = ? and digest = ?';
const tagsSql = 'select name from tags where manifest_id = ? order by name';
const inIndexSql = `select 1 from manifest_references where image_id = ? and digest = ? and kind = 'manifest' limit 1`;

/** Whoever stores an index that names the manifest locks the image too, so only one of both can be first. */
export function deleteManifest(
	session: Session,
	{repository, image}: ImageKey,
	digest: Digest,
	rules?: WriteRules,
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
		const tags = (await inner.select<{name: TagName}>(tagsSql, [manifest.id])).map(tag => tag.name);
		demandMutable(rules, tags);
		await dropHistory(inner, {repository, image, imageId}, tags);
		await deleteManifestRows(inner, [manifest.id]);
		await dropEmptyImages(inner, [imageId]);
		return 'deleted';
	});
}
