import type {CollectableBlobs} from '../blob-records.ts';
import {neededSql} from './release-unreferenced.ts';
import type {Session} from './session.ts';

/** A blob goes when nobody has held it for long, or when its holds are all old and no manifest or V1 image needs one of them. */
const surveySql = `select max(page.id) as last, page.storage,
		sum(case when page.collectable then 1 else 0 end) as blobs,
		sum(case when page.collectable then page.size else 0 end) as bytes
	from (
		select id, storage, size,
			case
				when unheld_since is not null then unheld_since < ?
				else not exists (
					select 1 from image_blobs
					where image_blobs.blob_id = blobs.id and (
						image_blobs.held_at >= ?
						or ${neededSql}
						or exists (
							select 1 from v1_images
							where v1_images.repository_id = image_blobs.repository_id
								and v1_images.layer_digest = image_blobs.digest
						)
					)
				)
			end as collectable
		from blobs where id > ? order by id limit ?
	) page group by page.storage`;

interface SurveyRow {
	readonly last: number;
	readonly storage: string;
	/** MySQL gives sums as texts. */
	readonly blobs: number | string;
	readonly bytes: number | string;
}

export interface SurveyRequest {
	readonly before: number;
	readonly position: number;
	readonly limit: number;
}

export async function surveyCollectable(
	session: Session,
	{before, position, limit}: SurveyRequest,
): Promise<CollectableBlobs | undefined> {
	const rows = await session.select<SurveyRow>(surveySql, [before, before, position, limit]);
	if (rows.length === 0) {
		return undefined;
	}
	return {
		position: Math.max(...rows.map(row => row.last)),
		storages: rows.map(row => ({storage: row.storage, blobs: Number(row.blobs), bytes: Number(row.bytes)})),
	};
}
