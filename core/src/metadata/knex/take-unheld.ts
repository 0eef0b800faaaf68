import type {BlobRecord} from '../blob-records.ts';
import {type BlobRow, blobColumns, toBlobRecord} from './blob-row.ts';
import type {Session} from './session.ts';

export interface TakeUnheldRequest {
	readonly storage: string;
	readonly before: number;
	readonly limit: number;
}

/**
 * Deletes the rows of blobs that nobody holds. Beginning a hold locks the blob's row: who has begun is passed over, and
 * who begins later finds no row.
 */
export function takeUnheld(session: Session, request: TakeUnheldRequest): Promise<readonly BlobRecord[]> {
	return session.transaction(async inner => {
		const {storage, before, limit} = request;
		const rows = await inner.run<readonly (BlobRow & {readonly id: number})[]>('blobs', blobs =>
			inner.lockFree(
				blobs
					.select('id', ...blobColumns)
					.where('storage', storage)
					.where('unheld_since', '<', before)
					.orderBy('unheld_since')
					.limit(limit),
			),
		);
		if (rows.length > 0) {
			const ids = rows.map(row => row.id);
			await inner.run('blobs', blobs => blobs.whereIn('id', ids).delete());
		}
		return rows.map(toBlobRecord);
	});
}
