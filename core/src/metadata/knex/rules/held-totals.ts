import {setImmediate} from 'node:timers/promises';
import type {Digest} from '../../../oci/digest.ts';
import type {Quota} from '../../write-rules.ts';
import type {Session} from '../session.ts';

/** Bytes that are held, as they are counted; undefined where nobody counts them. */
export interface HeldTotals {
	readonly repository?: number;
	readonly image?: number;
}

export interface TotalsKey {
	readonly repository: number;
	readonly imageId: number;
}

const totalsSql = `select
	(select bytes from held_by_repository where repository_id = ?) as repository,
	(select bytes from held_by_image where image_id = ?) as image`;

/** Rows that one statement reads: some milliseconds of a process that waits for SQLite. */
const pageSize = 1000;

const heldSql = `select image_blobs.digest, max(blobs.size) as size
	from image_blobs join blobs on blobs.id = image_blobs.blob_id
	where image_blobs.repository_id = ? and image_blobs.digest > ?
	group by image_blobs.digest order by image_blobs.digest limit ?`;

const heldByImageSql = `select image_blobs.digest, max(blobs.size) as size
	from image_blobs join blobs on blobs.id = image_blobs.blob_id
	where image_blobs.image_id = ? and image_blobs.digest > ?
	group by image_blobs.digest order by image_blobs.digest limit ?`;

export async function readTotals(session: Session, {repository, imageId}: TotalsKey): Promise<HeldTotals> {
	const row = await session.selectFirst<{repository: number | null; image: number | null}>(totalsSql, [
		repository,
		imageId,
	]);
	return {repository: row?.repository ?? undefined, image: row?.image ?? undefined};
}

/**
 * Locks those totals that are counted, that of the repository first, until the transaction ends; begins to count what
 * `quota` asks for. Whoever begins or ends holds does it under these locks, so the totals are exact. Undefined when
 * nothing is counted.
 */
export async function lockTotals(
	session: Session,
	key: TotalsKey,
	quota: Quota | undefined,
): Promise<HeldTotals | undefined> {
	const {repository, image} = await readTotals(session, key);
	const counted = {
		repository: repository !== undefined || quota?.repository !== undefined,
		image: image !== undefined || quota?.image !== undefined,
	};
	if (!counted.repository && !counted.image) {
		return undefined;
	}
	return {
		...(counted.repository && {repository: await lockRepositoryTotal(session, key.repository)}),
		...(counted.image && {image: await lockImageTotal(session, key.imageId)}),
	};
}

async function lockRepositoryTotal(session: Session, repository: number): Promise<number> {
	return lockOrBegin(session, 'held_by_repository', {repository_id: repository}, () =>
		sumHeld(session, heldSql, repository),
	);
}

async function lockImageTotal(session: Session, imageId: number): Promise<number> {
	return lockOrBegin(session, 'held_by_image', {image_id: imageId}, () => sumHeld(session, heldByImageSql, imageId));
}

/** Of several who begin to count at once, one does, and the others wait for what it has counted. */
async function lockOrBegin(
	session: Session,
	table: string,
	key: Readonly<Record<string, number>>,
	count: () => Promise<number>,
): Promise<number> {
	const found = await lockTotal(session, table, key);
	if (found !== undefined) {
		return found;
	}
	const columns = Object.keys(key);
	const row = {...key, bytes: await count()};
	await session.run(table, rows => rows.insert(row).onConflict(columns).merge(columns));
	return (await lockTotal(session, table, key)) ?? row.bytes;
}

async function lockTotal(
	session: Session,
	table: string,
	key: Readonly<Record<string, number>>,
): Promise<number | undefined> {
	const rows = await session.run<readonly {bytes: number}[]>(table, totals =>
		session.lock(totals.select('bytes').where(key)),
	);
	return rows[0]?.bytes;
}

/** Of each blob once. */
async function sumHeld(session: Session, sql: string, id: number): Promise<number> {
	let bytes = 0;
	for (let after = ''; ;) {
		const rows = await session.select<{digest: Digest; size: number}>(sql, [id, after, pageSize]);
		bytes += rows.reduce((sum, row) => sum + row.size, 0);
		const last = rows.at(-1);
		if (last === undefined || rows.length < pageSize) {
			return bytes;
		}
		after = last.digest;
		await setImmediate();
	}
}

/** Adds to the totals that are counted, or takes away from them. */
export async function addToTotals(session: Session, key: TotalsKey, grown: HeldTotals): Promise<void> {
	if (grown.repository !== undefined && grown.repository !== 0) {
		await addTo(session, 'held_by_repository', {repository_id: key.repository}, grown.repository);
	}
	if (grown.image !== undefined && grown.image !== 0) {
		await addTo(session, 'held_by_image', {image_id: key.imageId}, grown.image);
	}
}

async function addTo(
	session: Session,
	table: string,
	key: Readonly<Record<string, number>>,
	bytes: number,
): Promise<void> {
	await session.run(table, totals => totals.where(key).increment('bytes', bytes));
}

/** Counts anew what is counted of a repository, in case that something was missed while counting began. */
export async function recountTotals(session: Session, repository: number): Promise<void> {
	await session.transaction(async inner => {
		const key = {repository_id: repository};
		if ((await lockTotal(inner, 'held_by_repository', key)) !== undefined) {
			const bytes = await sumHeld(inner, heldSql, repository);
			await inner.run('held_by_repository', totals => totals.where(key).update({bytes}));
		}
	});
	for (let last = 0; ;) {
		const rows = await session.run<readonly {image_id: number}[]>('held_by_image', totals =>
			totals
				.join('images', 'images.id', 'held_by_image.image_id')
				.select('held_by_image.image_id')
				.where('images.repository_id', repository)
				.where('held_by_image.image_id', '>', last)
				.orderBy('held_by_image.image_id')
				.limit(100),
		);
		for (const {image_id: imageId} of rows) {
			await recountImage(session, imageId);
			last = imageId;
		}
		if (rows.length === 0) {
			return;
		}
	}
}

async function recountImage(session: Session, imageId: number): Promise<void> {
	await session.transaction(async inner => {
		const key = {image_id: imageId};
		if ((await lockTotal(inner, 'held_by_image', key)) !== undefined) {
			const bytes = await sumHeld(inner, heldByImageSql, imageId);
			await inner.run('held_by_image', totals => totals.where(key).update({bytes}));
		}
	});
}
