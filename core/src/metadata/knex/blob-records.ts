import type {Digest} from '../../oci/digest.ts';
import type {
	BlobRecord,
	BlobRecords,
	BlobTotals,
	CollectableBlobs,
	ReleasedHolds,
	Relocation,
} from '../blob-records.ts';
import {ConflictError} from '../conflict-error.ts';
import {type BlobRow, blobColumns, toBlobRecord} from './blob-row.ts';
import {findStoredKeys} from './find-stored-keys.ts';
import {relocateBlob} from './relocate-blob.ts';
import {releaseUnreferenced} from './release-unreferenced.ts';
import type {Session} from './session.ts';
import {surveyCollectable} from './survey-collectable.ts';
import {takeUnheld} from './take-unheld.ts';

const totalsSql = 'select count(*) as blobs, coalesce(sum(size), 0) as bytes from blobs where storage = ?';
const findSql = `select ${blobColumns.join(', ')} from blobs where digest = ? and storage = ?`;

export class KnexBlobRecords implements BlobRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async find(storage: string, digest: Digest): Promise<BlobRecord | undefined> {
		const row = await this.#session.selectFirst<BlobRow>(findSql, [digest, storage]);
		return row && toBlobRecord(row);
	}

	async insert({digest, size, storage, key}: BlobRecord): Promise<boolean> {
		const row = {digest, size, storage, storage_key: key, unheld_since: Date.now()};
		return this.#session.transaction(async session => {
			try {
				await session.run('blobs', blobs => blobs.insert(row));
				return true;
			} catch (error) {
				// MySQL has locked the row that was in the way, for reading, until the transaction ends.
				if (error instanceof ConflictError && (await lockStored(session, storage, digest))) {
					return false;
				}
				throw error;
			}
		});
	}

	async list(
		storage: string,
		{after = '' as Digest, limit}: {readonly after?: Digest; readonly limit: number},
	): Promise<readonly BlobRecord[]> {
		const rows = await this.#session.run<readonly BlobRow[]>('blobs', blobs =>
			blobs
				.select(...blobColumns)
				.where('storage', storage)
				.where('digest', '>', after)
				.orderBy('digest')
				.limit(limit),
		);
		return rows.map(toBlobRecord);
	}

	async totals(storage: string): Promise<BlobTotals> {
		// MySQL gives sums as decimals, which arrive as text.
		const row = await this.#session.selectFirst<Record<keyof BlobTotals, number | string>>(totalsSql, [storage]);
		return {blobs: Number(row?.blobs ?? 0), bytes: Number(row?.bytes ?? 0)};
	}

	relocate(blob: BlobRecord, to: {readonly storage: string; readonly key?: string}): Promise<Relocation> {
		return relocateBlob(this.#session, blob, to);
	}

	async rekey({digest, storage, key: before}: BlobRecord, key: string): Promise<boolean> {
		const changed = await this.#session.run<number>('blobs', blobs =>
			blobs.where({digest, storage, storage_key: before}).update({storage_key: key}),
		);
		return changed > 0;
	}

	findKeys(storage: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
		return findStoredKeys(this.#session, {table: 'blobs', storage, keys});
	}

	releaseUnreferenced(before: Date, limit: number, position = 0): Promise<ReleasedHolds> {
		return releaseUnreferenced(this.#session, {before: before.getTime(), position, limit});
	}

	takeUnheld(storage: string, before: Date, limit: number): Promise<readonly BlobRecord[]> {
		return takeUnheld(this.#session, {storage, before: before.getTime(), limit});
	}

	surveyCollectable(
		before: Date,
		{position, limit}: {readonly position: number; readonly limit: number},
	): Promise<CollectableBlobs | undefined> {
		return surveyCollectable(this.#session, {before: before.getTime(), position, limit});
	}
}

async function lockStored(session: Session, storage: string, digest: Digest): Promise<boolean> {
	const rows = await session.run<readonly object[]>('blobs', blobs =>
		session.share(blobs.select('id').where({digest, storage})),
	);
	return rows.length > 0;
}
