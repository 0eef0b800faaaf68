import type {ReleasedHolds} from '../blob-records.ts';
import {type HoldRow, endHolds, lockBlobs} from './end-holds.ts';
import {dropEmptyImages} from './image-rows.ts';
import type {Session} from './session.ts';

/** What a manifest of the image needs, or a V1 image of the repository, whichever of its names began the hold. */
export const neededSql = `(
		exists (
			select 1 from manifest_references
			where manifest_references.image_id = image_blobs.image_id
				and manifest_references.digest = image_blobs.digest
		) or exists (
			select 1 from v1_images
			where v1_images.repository_id = image_blobs.repository_id
				and v1_images.layer_digest = image_blobs.digest
		)
	)`;

const pageSql = `select id, image_id, blob_id,
		case when held_at < ? then 1 else 0 end as old,
		case when held_at < ? and not ${neededSql} then 1 else 0 end as unneeded
	from image_blobs where id > ? order by id limit ?`;

interface PagedHold extends HoldRow {
	readonly old: number;
	readonly unneeded: number;
}

export interface ReleaseRequest {
	readonly before: number;
	readonly position: number;
	readonly limit: number;
}

/**
 * Looks at the next `limit` holds and ends those of them that were last renewed before `before` and that no manifest
 * needs. Only these are locked and asked about again: most holds are needed, and looking at them must cost nobody a thing.
 */
export async function releaseUnreferenced(
	session: Session,
	{before, position, limit}: ReleaseRequest,
): Promise<ReleasedHolds> {
	const page = await session.select<PagedHold>(pageSql, [before, before, position, limit]);
	const candidates = page.filter(hold => hold.unneeded === 1);
	const released = candidates.length === 0 ? 0 : await releaseHolds(session, candidates, before);
	const last = page.length < limit ? undefined : page.at(-1);
	return {examined: page.filter(hold => hold.old === 1).length, released, ...(last && {position: last.id})};
}

function releaseHolds(session: Session, candidates: readonly HoldRow[], before: number): Promise<number> {
	return session.transaction(async inner => {
		const blobIds = candidates.map(hold => hold.blob_id);
		const free = new Set(await lockBlobs(inner, blobIds, {free: true}));
		const ids = candidates.filter(hold => free.has(hold.blob_id)).map(hold => hold.id);
		const holds = await lockOldHolds(inner, ids, before);
		const needed = await findNeeded(inner, holds);
		const unneeded = holds.filter(hold => !needed.has(hold.id));
		// Their time has passed already: what nobody holds any more need not wait for another grace period.
		await endHolds(inner, unneeded, {since: before - 1});
		const imageIds = unneeded.map(hold => hold.image_id);
		await dropEmptyImages(inner, imageIds);
		return unneeded.length;
	});
}

/** Those that are still old: what a push has renewed meanwhile, or is renewing now, is left alone. */
function lockOldHolds(session: Session, ids: readonly number[], before: number): Promise<readonly HoldRow[]> {
	return session.run<readonly HoldRow[]>('image_blobs', rows =>
		session.lockFree(rows.select('id', 'image_id', 'blob_id').whereIn('id', ids).where('held_at', '<', before)),
	);
}

/** Asked after the holds were locked: whoever stores a manifest locks the holds that it needs before. */
async function findNeeded(session: Session, holds: readonly HoldRow[]): Promise<ReadonlySet<number>> {
	const ids = holds.map(hold => hold.id);
	const needed = await session.run<readonly number[]>('image_blobs', rows =>
		rows.whereIn('id', ids).whereRaw(neededSql).pluck('id'),
	);
	return new Set(needed);
}
