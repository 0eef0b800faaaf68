import type {Digest} from '../../../oci/digest.ts';
import type {Reference} from '../../../oci/reference.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {ItemVersion, VersionsRequest} from '../../item-records.ts';
import type {ImagePlace} from '../../promotion-records.ts';
import type {Session} from '../session.ts';

const columns = `manifests.digest, manifests.media_type, manifests.size, manifests.created_at, manifests.pushed_by`;

const tagsSql = `select tags.name as tag, tags.updated_at, tags.updated_by, ${columns}
	from images join tags on tags.image_id = images.id join manifests on manifests.id = tags.manifest_id
	where images.repository_id = ? and images.name = ?`;
const byTagSql = `${tagsSql} and tags.name = ?`;
const allTagsSql = `${tagsSql} and tags.name > ? order by tags.name limit ?`;

const digestsSql = `select ${columns} from images join manifests on manifests.image_id = images.id
	where images.repository_id = ? and images.name = ?`;
const byDigestSql = `${digestsSql} and manifests.digest = ?`;
const allDigestsSql = `${digestsSql} and manifests.digest > ?
		and (
			not exists (select 1 from tags where tags.manifest_id = manifests.id)
			or exists (
				select 1 from manifest_references
				where manifest_references.image_id = manifests.image_id
					and manifest_references.digest = manifests.digest
					and manifest_references.kind = 'manifest'
			)
		)
	order by manifests.digest limit ?`;

interface VersionRow {
	readonly tag?: TagName;
	readonly updated_at?: number;
	readonly updated_by?: string;
	readonly digest: Digest;
	readonly media_type: string;
	readonly size: number;
	readonly created_at: number;
	readonly pushed_by: string;
}

export async function findVersion(
	session: Session,
	{repository, image}: ImagePlace,
	{tag, digest}: Reference,
): Promise<ItemVersion | undefined> {
	const [sql, wanted] = tag === undefined ? ([byDigestSql, digest] as const) : ([byTagSql, tag] as const);
	const row = await session.selectFirst<VersionRow>(sql, [repository, image, wanted]);
	return row && toVersion(row, image);
}

export async function listVersions(
	session: Session,
	{repository, image}: ImagePlace,
	{kind, after = '', limit}: VersionsRequest,
): Promise<readonly ItemVersion[]> {
	const sql = kind === 'tags' ? allTagsSql : allDigestsSql;
	const rows = await session.select<VersionRow>(sql, [repository, image, after, limit]);
	return rows.map(row => toVersion(row, image));
}

function toVersion(row: VersionRow, image: ItemVersion['image']): ItemVersion {
	const {tag, digest, media_type: mediaType, size, created_at: createdAt, pushed_by: createdBy} = row;
	return {
		image,
		...(tag !== undefined && {tag}),
		digest,
		mediaType,
		size,
		createdAt: new Date(createdAt),
		createdBy,
		updatedAt: new Date(row.updated_at ?? createdAt),
		updatedBy: row.updated_by ?? createdBy,
	};
}
