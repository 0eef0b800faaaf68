import {chunks} from './chunks.ts';
import {discountHolds} from './rules/discount-holds.ts';
import type {Session} from './session.ts';

/** That an image holds a blob. */
export interface HoldRow {
	readonly id: number;
	readonly image_id: number;
	readonly blob_id: number;
}

/**
 * Locks the blobs, in the order of their ids, so that nobody begins or ends a hold of them before the transaction ends.
 * Resolves to the ids of those that are there; with `free`, of those that nobody else has locked.
 */
export async function lockBlobs(
	session: Session,
	ids: readonly number[],
	options: {readonly free: boolean} = {free: false},
): Promise<readonly number[]> {
	const locked: number[] = [];
	for (const part of chunks([...new Set(ids)].toSorted((one, other) => one - other))) {
		const rows = await session.run<readonly {id: number}[]>('blobs', blobs => {
			const wanted = blobs.select('id').whereIn('id', part).orderBy('id');
			return options.free ? session.lockFree(wanted) : session.lock(wanted);
		});
		locked.push(...rows.map(row => row.id));
	}
	return locked;
}

/** Ends holds of blobs that this transaction has locked, and remembers which blobs nobody holds any more, since when. */
export async function endHolds(
	session: Session,
	holds: readonly HoldRow[],
	{since = Date.now()}: {readonly since?: number} = {},
): Promise<void> {
	for (const part of chunks(holds)) {
		const ids = part.map(hold => hold.id);
		await discountHolds(session, ids, async () => {
			await session.run('image_blobs', rows => rows.whereIn('id', ids).delete());
		});
		const blobIds = [...new Set(part.map(hold => hold.blob_id))];
		const held = new Set(
			await session.run<readonly number[]>('image_blobs', rows =>
				rows.distinct('blob_id').whereIn('blob_id', blobIds).pluck('blob_id'),
			),
		);
		const unheld = blobIds.filter(id => !held.has(id));
		await session.run('blobs', blobs => blobs.whereIn('id', unheld).update({unheld_since: since}));
	}
}
