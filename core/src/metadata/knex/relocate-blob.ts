import type {BlobRecord, Relocation} from '../blob-records.ts';
import {ConflictError} from '../conflict-error.ts';
import {chunks} from './chunks.ts';
import {type HoldRow, lockBlobs} from './end-holds.ts';
import type {Session} from './session.ts';

export interface BlobPlace {
	readonly storage: string;
	/** Where there is none, the storage must have the blob already. */
	readonly key?: string;
}

interface PlacedRow {
	readonly id: number;
	readonly storage_key: string;
}

const placeSql = 'select id, storage_key from blobs where digest = ? and storage = ?';

/** A push of the same blob to the other storage may come in between: then there is a row to merge with. */
export async function relocateBlob(session: Session, blob: BlobRecord, to: BlobPlace): Promise<Relocation> {
	try {
		return await session.transaction(inner => relocate(inner, blob, to));
	} catch (error) {
		if (error instanceof ConflictError) {
			return session.transaction(inner => relocate(inner, blob, to));
		}
		throw error;
	}
}

async function relocate(session: Session, blob: BlobRecord, to: BlobPlace): Promise<Relocation> {
	const find = (storage: string) => session.selectFirst<PlacedRow>(placeSql, [blob.digest, storage]);
	const [source, target] = [await find(blob.storage), await find(to.storage)];
	if (source === undefined || source.storage_key !== blob.key) {
		return 'gone';
	}
	const wanted = target === undefined ? [source.id] : [source.id, target.id];
	const locked = await lockBlobs(session, wanted);
	if (!locked.includes(source.id)) {
		return 'gone';
	}
	if (target === undefined || !locked.includes(target.id)) {
		if (to.key === undefined) {
			return 'gone';
		}
		await session.run('blobs', blobs =>
			blobs.where('id', source.id).update({storage: to.storage, storage_key: to.key}),
		);
		return 'moved';
	}
	await moveHolds(session, source.id, target.id);
	await session.run('blobs', blobs => blobs.where('id', source.id).delete());
	return 'merged';
}

/** Images that held the one blob hold the other, each once. */
async function moveHolds(session: Session, from: number, to: number): Promise<void> {
	const holds = await session.run<readonly HoldRow[]>('image_blobs', rows =>
		rows.select('id', 'image_id', 'blob_id').where('blob_id', from),
	);
	if (holds.length === 0) {
		return;
	}
	for (const part of chunks(holds)) {
		const imageIds = part.map(hold => hold.image_id);
		const both = new Set(
			await session.run<readonly number[]>('image_blobs', rows =>
				rows.where('blob_id', to).whereIn('image_id', imageIds).pluck('image_id'),
			),
		);
		const [doubled, single] = [
			part.filter(hold => both.has(hold.image_id)),
			part.filter(hold => !both.has(hold.image_id)),
		].map(some => some.map(hold => hold.id));
		await session.run('image_blobs', rows => rows.whereIn('id', doubled ?? []).delete());
		await session.run('image_blobs', rows => rows.whereIn('id', single ?? []).update({blob_id: to}));
	}
	await session.run('blobs', blobs => blobs.where('id', to).update({unheld_since: null}));
}
