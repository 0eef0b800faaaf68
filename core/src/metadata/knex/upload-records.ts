import type {Digest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {Json} from '../../types/json.ts';
import type {SaveUploadOptions, UploadRecord, UploadRecords} from '../upload-records.ts';
import {findStoredKeys} from './find-stored-keys.ts';
import type {Session} from './session.ts';
import {updateVersion} from './versioned-update.ts';

const findSql = 'select * from uploads where id = ?';
const findIdleSql = 'select * from uploads where updated_at < ? order by updated_at limit ?';
const countSql = 'select count(*) as count from uploads where started_by = ?';

interface UploadRow {
	readonly id: string;
	readonly repository_id: number;
	readonly image: ImageName;
	readonly storage: string;
	readonly storage_key: string;
	readonly state_offset: number;
	readonly state_data: string | null;
	readonly digest_so_far: Digest | null;
	readonly claimed_until: number | null;
	readonly version: number;
	readonly started_by: string;
	readonly started_at: number;
	readonly updated_at: number;
}

export class KnexUploadRecords implements UploadRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async insert(upload: UploadRecord): Promise<void> {
		await this.#session.run('uploads', rows => rows.insert(toRow(upload)));
	}

	async find(id: string): Promise<UploadRecord | undefined> {
		const row = await this.#session.selectFirst<UploadRow>(findSql, [id]);
		return row && toUpload(row);
	}

	async save(upload: UploadRecord, {durable}: SaveUploadOptions = {}): Promise<UploadRecord> {
		const {id, version} = upload;
		const saved = {...upload, updatedAt: new Date()};
		await updateVersion(this.#session, {table: 'uploads', id, version, row: toRow(saved), durable});
		return {...saved, version: version + 1};
	}

	async delete(id: string): Promise<void> {
		// One that comes back is found idle, and ended again.
		await this.#session.run('uploads', rows => rows.where({id}).delete(), {durable: false});
	}

	async findIdle(before: Date, limit: number): Promise<readonly UploadRecord[]> {
		return (await this.#session.select<UploadRow>(findIdleSql, [before.getTime(), limit])).map(toUpload);
	}

	async countStartedBy(name: string): Promise<number> {
		return (await this.#session.selectFirst<{count: number}>(countSql, [name]))?.count ?? 0;
	}

	findKeys(storage: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
		return findStoredKeys(this.#session, {table: 'uploads', storage, keys});
	}
}

function toRow(upload: UploadRecord): UploadRow {
	const {key, offset, data} = upload.state;
	return {
		id: upload.id,
		repository_id: upload.repository,
		image: upload.image,
		storage: upload.storage,
		storage_key: key,
		state_offset: offset,
		state_data: data === undefined ? null : JSON.stringify(data),
		digest_so_far: upload.digestSoFar ?? null,
		claimed_until: upload.claimedUntil?.getTime() ?? null,
		version: upload.version,
		started_by: upload.startedBy,
		started_at: upload.startedAt.getTime(),
		updated_at: upload.updatedAt.getTime(),
	};
}

function toUpload(row: UploadRow): UploadRecord {
	const data = row.state_data === null ? {} : {data: JSON.parse(row.state_data) as Json};
	return {
		id: row.id,
		repository: row.repository_id,
		image: row.image,
		storage: row.storage,
		state: {key: row.storage_key, offset: row.state_offset, ...data},
		...(row.digest_so_far !== null && {digestSoFar: row.digest_so_far}),
		...(row.claimed_until !== null && {claimedUntil: new Date(row.claimed_until)}),
		version: row.version,
		startedBy: row.started_by,
		startedAt: new Date(row.started_at),
		updatedAt: new Date(row.updated_at),
	};
}
