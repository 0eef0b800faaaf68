import type {Digest} from '../../../oci/digest.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';
import {addToTotals, lockTotals} from './held-totals.ts';

interface CountedHold {
	readonly id: number;
	readonly image_id: number;
	readonly repository_id: number;
	readonly digest: Digest;
	readonly size: number;
}

/** Ends these holds by `end`, and takes from the totals that are counted what nobody holds any more. */
export async function discountHolds(session: Session, ids: readonly number[], end: () => Promise<void>): Promise<void> {
	const counted = await readCounted(session, ids);
	const images = [...Map.groupBy(counted, hold => hold.image_id)].toSorted(
		([one, [first]], [other, [second]]) => (first?.repository_id ?? 0) - (second?.repository_id ?? 0) || one - other,
	);
	for (const [imageId, [hold]] of images) {
		await lockTotals(session, {repository: hold?.repository_id ?? 0, imageId}, undefined);
	}
	await end();
	for (const [imageId, holds] of images) {
		const gone = await withoutHeld(session, holds, {image_id: imageId});
		await addToTotals(session, {repository: 0, imageId}, {image: -sizeOf(gone)});
	}
	for (const [repository, holds] of Map.groupBy(counted, hold => hold.repository_id)) {
		const gone = await withoutHeld(session, holds, {repository_id: repository});
		await addToTotals(session, {repository, imageId: 0}, {repository: -sizeOf(gone)});
	}
}

/** Those of repositories or images whose totals are counted. */
async function readCounted(session: Session, ids: readonly number[]): Promise<readonly CountedHold[]> {
	const counted: CountedHold[] = [];
	for (const part of chunks(ids)) {
		counted.push(
			...(await session.run<readonly CountedHold[]>('image_blobs', holds =>
				holds
					.join('blobs', 'blobs.id', 'image_blobs.blob_id')
					.leftJoin('held_by_repository', 'held_by_repository.repository_id', 'image_blobs.repository_id')
					.leftJoin('held_by_image', 'held_by_image.image_id', 'image_blobs.image_id')
					.select(
						'image_blobs.id',
						'image_blobs.image_id',
						'image_blobs.repository_id',
						'image_blobs.digest',
						'blobs.size',
					)
					.whereIn('image_blobs.id', part)
					.where(either => void either.whereNotNull('held_by_repository.bytes').orWhereNotNull('held_by_image.bytes')),
			)),
		);
	}
	return counted;
}

async function withoutHeld(
	session: Session,
	holds: readonly CountedHold[],
	where: Readonly<Record<string, number>>,
): Promise<readonly CountedHold[]> {
	const held = new Set<Digest>();
	for (const part of chunks(holds)) {
		const digests = await session.run<readonly Digest[]>('image_blobs', rows =>
			rows
				.distinct('digest')
				.where(where)
				.whereIn(
					'digest',
					part.map(hold => hold.digest),
				)
				.pluck('digest'),
		);
		for (const digest of digests) {
			held.add(digest);
		}
	}
	return holds.filter(hold => !held.has(hold.digest));
}

/** Each blob once. */
function sizeOf(holds: readonly CountedHold[]): number {
	const sizes = new Map(holds.map(({digest, size}) => [digest, size]));
	return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
