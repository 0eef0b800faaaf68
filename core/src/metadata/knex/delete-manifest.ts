import type {Digest} from '../../oci/digest.ts';
import {chunks} from './chunks.ts';
import {dropEmptyImages, lockImage} from './image-rows.ts';
import type {ImageKey} from './manifest-rows.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {WriteRules} from '../write-rules.ts';
import {deleteDerivedOf} from './rules/derived-tags.ts';
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
		const tags = await inner.select<{name: TagName}>(tagsSql, [manifest.id]);
		demandMutable(
			rules,
			tags.map(tag => tag.name),
		);
		await deleteManifestRows(inner, [manifest.id]);
		await dropEmptyImages(inner, [imageId]);
		return 'deleted';
	});
}

/** With their tags and all else that is of them; the image is locked by the caller. */
export async function deleteManifestRows(session: Session, ids: readonly number[]): Promise<void> {
	for (const part of chunks(ids)) {
		await deleteDerivedOf(session, part);
		for (const table of ['tags', 'manifest_pulls', 'manifest_references']) {
			await session.run(table, rows => rows.whereIn('manifest_id', part).delete());
		}
		await session.run('manifests', rows => rows.whereIn('id', part).delete());
	}
}
