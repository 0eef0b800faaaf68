import type {Digest} from '../../../oci/digest.ts';
import type {ImageName} from '../../../oci/image-name.ts';
import {type V1ImageId, mostV1Ancestors} from '../../../oci/v1-image-id.ts';
import type {Page, PageRequest} from '../../../types/page.ts';
import type {BlobRecord} from '../../blob-records.ts';
import type {V1ImageRecord} from '../../v1-records.ts';
import {type BlobRow, toBlobRecord} from '../blob-row.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';
import {toPage} from '../to-page.ts';

const imageSql = `select v1_id, parent, depth, layer_digest, layer_size, checksum, pushed_by, created_at, json
	from v1_images where repository_id = ? and v1_id = ?`;

const ancestrySql = `with recursive ancestry (v1_id, parent, step) as (
		select v1_id, parent, 1 from v1_images where repository_id = ? and v1_id = ?
		union all
		select v1_images.v1_id, v1_images.parent, ancestry.step + 1 from ancestry
		join v1_images on v1_images.repository_id = ? and v1_images.v1_id = ancestry.parent
		where ancestry.step < ?
	) select v1_id from ancestry order by step`;

const layerSql = `select blobs.digest, blobs.size, blobs.storage, blobs.storage_key
	from image_blobs join blobs on blobs.id = image_blobs.blob_id
	where image_blobs.repository_id = ? and image_blobs.digest = ?
	order by image_blobs.held_at desc limit 1`;

const holdersSql = `select image from v1_name_images
	where repository_id = ? and v1_id = ? and image > ? order by image limit ?`;

const ofNameSql = `select v1_images.v1_id as id, v1_images.checksum
	from v1_name_images
	join v1_images on v1_images.repository_id = v1_name_images.repository_id and v1_images.v1_id = v1_name_images.v1_id
	where v1_name_images.repository_id = ? and v1_name_images.image = ? and v1_name_images.v1_id > ?
	order by v1_name_images.v1_id limit ?`;

export interface V1ImageRow {
	readonly v1_id: V1ImageId;
	readonly parent: V1ImageId | null;
	readonly depth: number;
	readonly layer_digest: Digest;
	readonly layer_size: number;
	readonly checksum: string;
	readonly pushed_by: string;
	readonly created_at: number;
	readonly json: Uint8Array;
}

export function findV1ImageRow(session: Session, repository: number, id: V1ImageId): Promise<V1ImageRow | undefined> {
	return session.selectFirst<V1ImageRow>(imageSql, [repository, id]);
}

export async function findV1Image(
	session: Session,
	repository: number,
	id: V1ImageId,
): Promise<V1ImageRecord | undefined> {
	const row = await findV1ImageRow(session, repository, id);
	return (
		row && {
			id: row.v1_id,
			...(row.parent !== null && {parent: row.parent}),
			json: Buffer.from(row.json),
			layer: {digest: row.layer_digest, size: row.layer_size},
			checksum: row.checksum,
			pushedBy: row.pushed_by,
			pushedAt: new Date(row.created_at),
		}
	);
}

export async function listV1Ancestry(
	session: Session,
	repository: number,
	id: V1ImageId,
): Promise<readonly V1ImageId[]> {
	const bindings = [repository, id, repository, mostV1Ancestors];
	const rows = await session.select<{v1_id: V1ImageId}>(ancestrySql, bindings);
	return rows.map(row => row.v1_id);
}

/**
 * The image with all that it is made of, none of which is deleted before the transaction ends. Undefined unless all of it is
 * there: images go one by one, a child perhaps after its parent.
 */
export async function keepV1Ancestry(
	session: Session,
	repository: number,
	id: V1ImageId,
): Promise<readonly V1ImageId[] | undefined> {
	const image = await findV1ImageRow(session, repository, id);
	const ancestry = await listV1Ancestry(session, repository, id);
	const whole = ancestry.length === image?.depth && (await keepImages(session, repository, ancestry));
	return whole ? ancestry : undefined;
}

/** Keeps them from being deleted until the transaction ends. False when one is gone. */
async function keepImages(session: Session, repository: number, ids: readonly V1ImageId[]): Promise<boolean> {
	let found = 0;
	for (const part of chunks(ids.toSorted())) {
		const rows = await session.run<readonly object[]>('v1_images', images =>
			session.share(images.select('id').where('repository_id', repository).whereIn('v1_id', part).orderBy('v1_id')),
		);
		found += rows.length;
	}
	return found === ids.length;
}

/** By whatever name it is held. */
export async function findV1Layer(
	session: Session,
	repository: number,
	digest: Digest,
): Promise<BlobRecord | undefined> {
	const row = await session.selectFirst<BlobRow>(layerSql, [repository, digest]);
	return row && toBlobRecord(row);
}

export async function listV1Holders(
	session: Session,
	repository: number,
	{id, after = '', limit}: PageRequest & {readonly id: V1ImageId},
): Promise<Page<ImageName>> {
	const rows = await session.select<{image: ImageName}>(holdersSql, [repository, id, after, limit + 1]);
	return toPage(
		rows.map(row => row.image),
		limit,
		name => name,
	);
}

export async function listV1Images(
	session: Session,
	repository: number,
	{image, after = '', limit}: PageRequest & {readonly image: ImageName},
): Promise<Page<Pick<V1ImageRecord, 'id' | 'checksum'>>> {
	const bindings = [repository, image, after, limit + 1];
	const rows = await session.select<{id: V1ImageId; checksum: string}>(ofNameSql, bindings);
	return toPage(
		rows.map(({id, checksum}) => ({id, checksum})),
		limit,
		({id}) => id,
	);
}
