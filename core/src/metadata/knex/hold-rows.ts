import type {Digest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {HeldBlob} from '../repository-records.ts';
import type {Quota} from '../write-rules.ts';
import {type BlobRow, toBlobRecord} from './blob-row.ts';
import {type HoldRow, endHolds, lockBlobs} from './end-holds.ts';
import {dropEmptyImages, ensureImage, lockImage} from './image-rows.ts';
import {admitHolds} from './rules/admit-holds.ts';
import type {Session} from './session.ts';

const findSql = `select blobs.digest, blobs.size, blobs.storage, blobs.storage_key, image_blobs.held_at
	from images
	join image_blobs on image_blobs.image_id = images.id
	join blobs on blobs.id = image_blobs.blob_id
	where images.repository_id = ? and images.name = ? and image_blobs.digest = ?
	order by image_blobs.held_at desc limit 1`;

const holdersSql = `select distinct images.name from image_blobs
	join images on images.id = image_blobs.image_id
	where image_blobs.repository_id = ? and image_blobs.digest = ? limit ?`;

const holdsSql = `select image_blobs.id, image_blobs.image_id, image_blobs.blob_id
	from images join image_blobs on image_blobs.image_id = images.id
	where images.repository_id = ? and images.name = ? and image_blobs.digest = ?`;

const neededSql = 'select 1 from manifest_references where image_id = ? and digest = ? limit 1';

/** Which blob, and in which image of which repository. */
export interface HoldRequest {
	readonly repository: number;
	readonly image: ImageName;
	readonly digest: Digest;
}

export async function findHeldBlob(session: Session, request: HoldRequest): Promise<HeldBlob | undefined> {
	const {repository, image, digest} = request;
	const row = await session.selectFirst<BlobRow & {held_at: number}>(findSql, [repository, image, digest]);
	return row && {...toBlobRecord(row), heldAt: new Date(row.held_at)};
}

export async function findHolders(
	session: Session,
	repository: number,
	{digest, limit}: {readonly digest: Digest; readonly limit: number},
): Promise<readonly ImageName[]> {
	const rows = await session.select<{name: ImageName}>(holdersSql, [repository, digest, limit]);
	return rows.map(row => row.name);
}

/** The blob's row is locked before the image's, as everywhere, so that two writers never wait for each other. */
export function hold(
	session: Session,
	request: HoldRequest & {readonly storage: string; readonly quota?: Quota},
): Promise<boolean> {
	const {repository, image, digest, storage, quota} = request;
	return session.transaction(async inner => {
		const [blob] = await inner.run<readonly {id: number; size: number; unheld_since: number | null}[]>('blobs', blobs =>
			inner.share(blobs.select('id', 'size', 'unheld_since').where({digest, storage})),
		);
		if (blob === undefined) {
			return false;
		}
		if (blob.unheld_since !== null) {
			await inner.run('blobs', blobs => blobs.where('id', blob.id).update({unheld_since: null}));
		}
		const imageId = await ensureImage(inner, repository, image);
		await admitHolds(inner, {repository, imageId, blobs: [{digest, size: blob.size}], quota});
		const row = {
			image_id: imageId,
			digest,
			blob_id: blob.id,
			repository_id: repository,
			held_at: Date.now(),
		};
		await inner.run('image_blobs', rows =>
			rows.insert(row).onConflict(['image_id', 'digest', 'blob_id']).merge(['held_at']),
		);
		return true;
	});
}

export function release(session: Session, request: HoldRequest): Promise<'released' | 'unknown' | 'in-use'> {
	const {repository, image, digest} = request;
	return session.transaction(async inner => {
		const findHolds = () => inner.select<HoldRow>(holdsSql, [repository, image, digest]);
		await lockBlobs(
			inner,
			(await findHolds()).map(hold => hold.blob_id),
		);
		const imageId = await lockImage(inner, repository, image);
		const holds = await findHolds();
		if (imageId === undefined || holds.length === 0) {
			return 'unknown';
		}
		if (await inner.selectFirst(neededSql, [imageId, digest])) {
			return 'in-use';
		}
		await endHolds(inner, holds);
		await dropEmptyImages(inner, [imageId]);
		return 'released';
	});
}
