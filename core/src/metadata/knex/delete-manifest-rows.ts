import {chunks} from './chunks.ts';
import {deleteDerivedOf} from './rules/derived-tags.ts';
import type {Session} from './session.ts';

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
