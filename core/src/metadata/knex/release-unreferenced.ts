import type {ReleasedHolds} from '../blob-records.ts';
import {type HoldRow, endHolds, lockBlobs} from './end-holds.ts';
import {dropEmptyImages} from './image-rows.ts';
import type {Session} from './session.ts';

const oldestSql = `select id, image_id, blob_id from image_blobs where held_at < ? order by held_at limit ?`;

/**
 * Looks at up to `limit` holds that were last renewed before `before` and ends those that no manifest needs. A hold that
 * is needed is renewed instead, so that each is looked at once in a grace period, however often this is called.
 */
export function releaseUnreferenced(session: Session, before: number, limit: number): Promise<ReleasedHolds> {
	return session.transaction(inner => releaseBatch(inner, before, limit));
}

async function releaseBatch(session: Session, before: number, count: number): Promise<ReleasedHolds> {
	const oldest = await session.select<HoldRow>(oldestSql, [before, count]);
	const blobIds = oldest.map(hold => hold.blob_id);
	const free = new Set(await lockBlobs(session, blobIds, {free: true}));
	const ids = oldest.filter(hold => free.has(hold.blob_id)).map(hold => hold.id);
	const holds = await lockOldHolds(session, ids, before);
	const needed = await findNeeded(session, holds);
	const unneeded = holds.filter(hold => !needed.has(hold.id));
	// Their time has passed already: what nobody holds any more need not wait for another grace period.
	await endHolds(session, unneeded, {since: before - 1});
	const heldAt = Math.max(Date.now(), before);
	await session.run('image_blobs', rows => rows.whereIn('id', [...needed]).update({held_at: heldAt}));
	const imageIds = unneeded.map(hold => hold.image_id);
	await dropEmptyImages(session, imageIds);
	return {examined: holds.length, released: unneeded.length};
}

/** Those that are still old: what a push has renewed meanwhile, or is renewing now, is left alone. */
function lockOldHolds(session: Session, ids: readonly number[], before: number): Promise<readonly HoldRow[]> {
	return session.run<readonly HoldRow[]>('image_blobs', rows =>
		session.lockFree(rows.select('id', 'image_id', 'blob_id').whereIn('id', ids).where('held_at', '<', before)),
	);
}

/** Holds of layers of V1 images, which belong to the repository, whichever of its names began the hold. */
function findV1Layers(session: Session, ids: readonly number[]): Promise<readonly number[]> {
	return session.run<readonly number[]>('image_blobs', rows =>
		rows
			.join('v1_images', images => {
				images
					.on('v1_images.repository_id', 'image_blobs.repository_id')
					.on('v1_images.layer_digest', 'image_blobs.digest');
			})
			.whereIn('image_blobs.id', ids)
			.distinct('image_blobs.id')
			.pluck('image_blobs.id'),
	);
}

/** Asked after the holds were locked: whoever stores a manifest locks the holds that it needs before. */
async function findNeeded(session: Session, holds: readonly HoldRow[]): Promise<ReadonlySet<number>> {
	const ids = holds.map(hold => hold.id);
	const needed = await session.run<readonly number[]>('image_blobs', rows =>
		rows
			.join('manifest_references', references => {
				references
					.on('manifest_references.image_id', 'image_blobs.image_id')
					.on('manifest_references.digest', 'image_blobs.digest');
			})
			.whereIn('image_blobs.id', ids)
			.distinct('image_blobs.id')
			.pluck('image_blobs.id'),
	);
	return new Set([...needed, ...(await findV1Layers(session, ids))]);
}
