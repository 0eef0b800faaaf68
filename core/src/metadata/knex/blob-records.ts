import type {Digest} from '../../oci/digest.ts';
import type {BlobRecord, BlobRecords} from '../blob-records.ts';
import {ConflictError} from '../conflict-error.ts';
import {type BlobRow, blobColumns, toBlobRecord} from './blob-row.ts';
import {findStoredKeys} from './find-stored-keys.ts';
import {releaseUnreferenced} from './release-unreferenced.ts';
import type {Session} from './session.ts';
import {takeUnheld} from './take-unheld.ts';

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

	findKeys(storage: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
		return findStoredKeys(this.#session, {table: 'blobs', storage, keys});
	}

	releaseUnreferenced(before: Date, limit: number): Promise<number> {
		return releaseUnreferenced(this.#session, before.getTime(), limit);
	}

	takeUnheld(storage: string, before: Date, limit: number): Promise<readonly BlobRecord[]> {
		return takeUnheld(this.#session, {storage, before: before.getTime(), limit});
	}
}

async function lockStored(session: Session, storage: string, digest: Digest): Promise<boolean> {
	const rows = await session.run<readonly object[]>('blobs', blobs =>
		session.share(blobs.select('id').where({digest, storage})),
	);
	return rows.length > 0;
}
