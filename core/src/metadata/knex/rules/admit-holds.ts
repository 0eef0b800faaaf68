import type {Digest} from '../../../oci/digest.ts';
import {QuotaExceededError} from '../../quota-exceeded-error.ts';
import type {Quota} from '../../write-rules.ts';
import {chunks} from '../chunks.ts';
import type {ImageKey} from '../manifest-rows.ts';
import type {Session} from '../session.ts';
import {type HeldTotals, type TotalsKey, addToTotals, lockTotals, readTotals} from './held-totals.ts';

const imageSql = 'select id from images where repository_id = ? and name = ?';

interface AdmitRequest extends TotalsKey {
	readonly blobs: readonly {readonly digest: Digest; readonly size: number}[];
	readonly quota: Quota | undefined;
}

/**
 * To be called before an image begins to hold these blobs, in the same transaction and with the image locked: counts what
 * they add, and throws `QuotaExceededError` when that is more than there may be.
 */
export async function admitHolds(session: Session, {repository, imageId, blobs, quota}: AdmitRequest): Promise<void> {
	const key = {repository, imageId};
	const totals = await lockTotals(session, key, quota);
	if (totals === undefined) {
		return;
	}
	const sizes = new Map(blobs.map(({digest, size}) => [digest, size]));
	const grown = {
		...(totals.repository !== undefined && {repository: await growth(session, sizes, {repository_id: repository})}),
		...(totals.image !== undefined && {image: await growth(session, sizes, {image_id: imageId})}),
	};
	// What is held already is renewed, however much it is.
	demandWithin(
		{
			repository: (grown.repository ?? 0) > 0 ? quota?.repository : undefined,
			image: (grown.image ?? 0) > 0 ? quota?.image : undefined,
		},
		totals,
		grown,
	);
	await addToTotals(session, key, grown);
}

/**
 * Throws `QuotaExceededError` when the image could not hold so many bytes more; as far as it is counted, and without a lock.
 * Resolves to what is held of that for which there is a quota.
 */
export async function demandRoom(
	session: Session,
	{repository, image}: ImageKey,
	{quota, bytes}: {readonly quota: Quota | undefined; readonly bytes: number},
): Promise<HeldTotals> {
	if (quota === undefined) {
		return {};
	}
	const found = await session.selectFirst<{id: number}>(imageSql, [repository, image]);
	const totals = await readTotals(session, {repository, imageId: found?.id ?? 0});
	const held = {repository: totals.repository ?? 0, image: totals.image ?? 0};
	demandWithin(quota, held, {repository: bytes, image: bytes});
	return {
		...(quota.repository !== undefined && {repository: held.repository}),
		...(quota.image !== undefined && {image: held.image}),
	};
}

function demandWithin(quota: Quota | undefined, totals: HeldTotals, grown: HeldTotals): void {
	for (const part of ['repository', 'image'] as const) {
		const [limit, held = 0, wanted = 0] = [quota?.[part], totals[part], grown[part]];
		if (limit !== undefined && held + wanted > limit) {
			throw new QuotaExceededError({of: part, quota: limit, held, wanted});
		}
	}
}

/** The sizes of those that are not held there yet. */
async function growth(
	session: Session,
	sizes: ReadonlyMap<Digest, number>,
	where: Readonly<Record<string, number>>,
): Promise<number> {
	const held = new Set<Digest>();
	for (const part of chunks([...sizes.keys()])) {
		const digests = await session.run<readonly Digest[]>('image_blobs', holds =>
			holds.distinct('digest').where(where).whereIn('digest', part).pluck('digest'),
		);
		for (const digest of digests) {
			held.add(digest);
		}
	}
	return [...sizes].reduce((sum, [digest, size]) => (held.has(digest) ? sum : sum + size), 0);
}
