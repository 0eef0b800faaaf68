import {setImmediate} from 'node:timers/promises';
import {type HoldRow, endHolds, lockBlobs} from './end-holds.ts';
import type {Session} from './session.ts';

/** Rows taken at a time; a repository may have any number of them. */
const batchSize = 500;

/**
 * Deletes a repository with all that is in it. Its row is locked first, so that nobody adds an image, an upload or a
 * value any more: whoever tries waits, and then is refused because the repository is gone.
 */
export async function deleteRepository(session: Session, id: number): Promise<boolean> {
	const found = await session.run<readonly object[]>('repositories', rows =>
		session.lock(rows.select('id').where({id})),
	);
	if (found.length === 0) {
		return false;
	}
	await deleteImages(session, id);
	await deleteV1(session, id);
	await session.run('uploads', rows => rows.where({repository_id: id}).delete());
	await session.run('repository_values', rows => rows.where({repository_id: id}).delete());
	await session.run('repository_attributes', rows => rows.where({repository_id: id}).delete());
	await session.run('repositories', rows => rows.where({id}).delete());
	return true;
}

async function deleteImages(session: Session, repository: number): Promise<void> {
	for (;;) {
		const images = await session.run<readonly {id: number}[]>('images', rows =>
			session.lock(rows.select('id').where({repository_id: repository}).orderBy('id').limit(batchSize)),
		);
		if (images.length === 0) {
			return;
		}
		const ids = images.map(image => image.id);
		await deleteHolds(session, ids);
		for (const table of ['tags', 'manifest_pulls', 'manifest_references', 'manifests']) {
			await session.run(table, rows => rows.whereIn('image_id', ids).delete());
		}
		await session.run('images', rows => rows.whereIn('id', ids).delete());
		await setImmediate();
	}
}

async function deleteV1(session: Session, repository: number): Promise<void> {
	for (const table of ['v1_pushes', 'v1_tags', 'v1_name_images', 'v1_images']) {
		await session.run(table, rows => rows.where({repository_id: repository}).delete());
		await setImmediate();
	}
}

async function deleteHolds(session: Session, imageIds: readonly number[]): Promise<void> {
	for (;;) {
		const holds = await session.run<readonly HoldRow[]>('image_blobs', rows =>
			rows.select('id', 'image_id', 'blob_id').whereIn('image_id', imageIds).limit(batchSize),
		);
		if (holds.length === 0) {
			return;
		}
		await lockBlobs(
			session,
			holds.map(hold => hold.blob_id),
		);
		await endHolds(session, holds);
		await setImmediate();
	}
}
