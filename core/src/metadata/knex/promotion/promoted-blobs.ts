import type {BlobRecord} from '../../blob-records.ts';
import type {Digest} from '../../../oci/digest.ts';
import {type BlobRow, toBlobRecord} from '../blob-row.ts';
import {chunks} from '../chunks.ts';
import {admitHolds} from '../rules/admit-holds.ts';
import type {Quota} from '../../write-rules.ts';
import {lockBlobs} from '../end-holds.ts';
import type {Session} from '../session.ts';
import type {ImageGraph} from '../image-graph.ts';

interface HeldRow extends BlobRow {
	readonly digest: Digest;
	readonly blob_id: number;
}

type HoldingRow = Pick<HeldRow, 'blob_id' | 'digest'>;

/** Blobs that the source holds for the manifests of the graph. */
export type PromotedBlobs = readonly HeldRow[];

export async function readBlobs(session: Session, imageId: number, graph: ImageGraph): Promise<PromotedBlobs> {
	const digests = new Set<Digest>();
	for (const part of chunks([...graph.values()].map(node => node.id))) {
		const named = await session.run<readonly Digest[]>('manifest_references', all =>
			all.distinct('digest').whereIn('manifest_id', part).pluck('digest'),
		);
		for (const digest of named) {
			digests.add(digest);
		}
	}
	const held: HeldRow[] = [];
	for (const part of chunks([...digests])) {
		held.push(
			...(await session.run<readonly HeldRow[]>('image_blobs', holds =>
				holds
					.join('blobs', 'blobs.id', 'image_blobs.blob_id')
					.select('image_blobs.blob_id', 'blobs.digest', 'blobs.size', 'blobs.storage', 'blobs.storage_key')
					.where('image_blobs.image_id', imageId)
					.whereIn('image_blobs.digest', part),
			)),
		);
	}
	return held;
}

/** Before the images are locked, as whoever ends holds does it, so that two never wait for each other. */
export async function lockPromoted(session: Session, blobs: PromotedBlobs): Promise<void> {
	await lockBlobs(
		session,
		blobs.map(blob => blob.blob_id),
	);
}

interface HoldRequest {
	readonly repository: number;
	readonly imageId: number;
	/** Undefined: blobs may be on any storage, since the repository is the same. */
	readonly storage: string | undefined;
	readonly quota: Quota | undefined;
}

/** Lets the target's image hold the blobs, or gives those that it cannot hold because they are on another storage; then nothing is changed. */
export async function holdPromoted(
	session: Session,
	blobs: PromotedBlobs,
	{repository, imageId, storage, quota}: HoldRequest,
): Promise<readonly BlobRecord[]> {
	const there = await readHeld(session, imageId, blobs, storage);
	const usable = blobs.filter(blob => storage === undefined || blob.storage === storage);
	const covered = new Set([...there, ...usable].map(blob => blob.digest));
	const uncopied = blobs.filter(blob => !covered.has(blob.digest));
	if (uncopied.length > 0) {
		return [...new Map(uncopied.map(blob => [blob.digest, toBlobRecord(blob)])).values()];
	}
	await admitHolds(session, {repository, imageId, blobs: usable, quota});
	const rows = [...new Map([...there, ...usable].map(blob => [blob.blob_id, blob])).values()].map(blob => ({
		image_id: imageId,
		digest: blob.digest,
		blob_id: blob.blob_id,
		repository_id: repository,
		held_at: Date.now(),
	}));
	for (const part of chunks(rows)) {
		await session.run('image_blobs', holds =>
			holds.insert(part).onConflict(['image_id', 'digest', 'blob_id']).merge(['held_at']),
		);
	}
	return [];
}

/** Blobs of the same digests that the target holds already where it should; they are locked until the transaction ends. */
async function readHeld(
	session: Session,
	imageId: number,
	blobs: PromotedBlobs,
	storage: string | undefined,
): Promise<readonly HoldingRow[]> {
	const held: HoldingRow[] = [];
	for (const part of chunks([...new Set(blobs.map(blob => blob.digest))])) {
		held.push(
			...(await session.run<readonly HoldingRow[]>('image_blobs', holds => {
				const rows = holds
					.join('blobs', 'blobs.id', 'image_blobs.blob_id')
					.select('image_blobs.blob_id', 'blobs.digest')
					.where('image_blobs.image_id', imageId)
					.whereIn('image_blobs.digest', part);
				return session.lock(storage === undefined ? rows : rows.where('blobs.storage', storage));
			})),
		);
	}
	return held;
}
