import {setImmediate} from 'node:timers/promises';
import type {Digest} from '../../oci/digest.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {RepositoryUsage, StorageUsage, UsageRecords} from '../usage-records.ts';
import type {Session} from './session.ts';

/** Rows that one statement reads: some milliseconds of a process that waits for SQLite. */
const pageSize = 1000;
const imagesAtATime = 200;

const heldSql = `select image_blobs.digest, count(*) as holds, max(blobs.size) as size
	from image_blobs join blobs on blobs.id = image_blobs.blob_id
	where image_blobs.repository_id = ? and image_blobs.digest > ?
	group by image_blobs.digest order by image_blobs.digest limit ?`;

const imagesSql = 'select id, name from images where repository_id = ? and name > ? order by name limit ?';

const blobsSql = `select max(id) as last, storage, count(*) as blobs, sum(size) as bytes,
		sum(case when unheld_since is null then 0 else 1 end) as unheld_blobs,
		sum(case when unheld_since is null then 0 else size end) as unheld_bytes
	from (select id, storage, size, unheld_since from blobs where id > ? order by id limit ?) page group by storage`;

/** MySQL gives sums as texts. */
type Sum = number | string;

interface BlobSums {
	readonly last: number;
	readonly storage: string;
	readonly blobs: Sum;
	readonly bytes: Sum;
	readonly unheld_blobs: Sum;
	readonly unheld_bytes: Sum;
}

export class KnexUsageRecords implements UsageRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async ofRepository(id: number, options: Abortable = {}): Promise<RepositoryUsage> {
		return {...(await this.#countManifests(id, options)), ...(await this.#countBlobs(id, options))};
	}

	async storages({signal}: Abortable = {}): Promise<readonly StorageUsage[]> {
		const found = new Map<string, StorageUsage>();
		for (let last = 0; ;) {
			signal?.throwIfAborted();
			const rows = await this.#session.select<BlobSums>(blobsSql, [last, pageSize]);
			if (rows.length === 0) {
				return [...found.values()];
			}
			for (const row of rows) {
				found.set(row.storage, add(found.get(row.storage), row));
				last = Math.max(last, row.last);
			}
			await setImmediate();
		}
	}

	async #countManifests(repository: number, {signal}: Abortable) {
		const sums = {images: 0, tags: 0, manifests: 0, manifestBytes: 0};
		for (let after = ''; ;) {
			signal?.throwIfAborted();
			const images = await this.#session.select<{id: number; name: string}>(imagesSql, [
				repository,
				after,
				imagesAtATime,
			]);
			const last = images.at(-1);
			if (last === undefined) {
				return sums;
			}
			const ids = images.map(image => image.id);
			const [manifests] = await this.#session.run<readonly {count: Sum; bytes: Sum | null}[]>('manifests', rows =>
				rows.whereIn('image_id', ids).count({count: '*'}).sum({bytes: 'size'}),
			);
			const [tags] = await this.#session.run<readonly {count: Sum}[]>('tags', rows =>
				rows.whereIn('image_id', ids).count({count: '*'}),
			);
			sums.images += images.length;
			sums.tags += Number(tags?.count ?? 0);
			sums.manifests += Number(manifests?.count ?? 0);
			sums.manifestBytes += Number(manifests?.bytes ?? 0);
			after = last.name;
			await setImmediate();
		}
	}

	async #countBlobs(repository: number, {signal}: Abortable) {
		const sums = {blobs: 0, blobBytes: 0, unsharedBytes: 0};
		for (let after = ''; ;) {
			signal?.throwIfAborted();
			const rows = await this.#session.select<{digest: Digest; holds: Sum; size: Sum}>(heldSql, [
				repository,
				after,
				pageSize,
			]);
			const last = rows.at(-1);
			if (last === undefined) {
				return sums;
			}
			for (const {holds, size} of rows) {
				sums.blobs += 1;
				sums.blobBytes += Number(size);
				sums.unsharedBytes += Number(size) * Number(holds);
			}
			after = last.digest;
			await setImmediate();
		}
	}
}

function add(sum: StorageUsage | undefined, row: BlobSums): StorageUsage {
	return {
		storage: row.storage,
		blobs: (sum?.blobs ?? 0) + Number(row.blobs),
		bytes: (sum?.bytes ?? 0) + Number(row.bytes),
		unheldBlobs: (sum?.unheldBlobs ?? 0) + Number(row.unheld_blobs),
		unheldBytes: (sum?.unheldBytes ?? 0) + Number(row.unheld_bytes),
	};
}
