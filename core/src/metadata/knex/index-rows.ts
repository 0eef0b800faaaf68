import type {Digest} from '../../oci/digest.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {NamingIndex} from '../repository-records.ts';
import type {ImageKey} from './manifest-rows.ts';
import type {Session} from './session.ts';

const indexesSql = `select distinct manifests.id, manifests.digest, manifests.media_type, manifests.size
	from images
	join manifest_references on manifest_references.image_id = images.id
	join manifests on manifests.id = manifest_references.manifest_id
	where images.repository_id = ? and images.name = ? and manifest_references.digest = ?
		and manifest_references.kind = 'manifest'
	order by manifests.digest limit 1000`;
const tagsSql = 'select name from tags where manifest_id = ? order by name';

interface IndexRow {
	readonly id: number;
	readonly digest: Digest;
	readonly media_type: string;
	readonly size: number;
}

/** Indexes of the image that have the manifest as an entry. */
export async function listIndexes(
	session: Session,
	{repository, image}: ImageKey,
	digest: Digest,
): Promise<readonly NamingIndex[]> {
	const indexes: NamingIndex[] = [];
	for (const row of await session.select<IndexRow>(indexesSql, [repository, image, digest])) {
		const tags = await session.select<{name: TagName}>(tagsSql, [row.id]);
		const index = {mediaType: row.media_type, digest: row.digest, size: row.size};
		indexes.push({index, tags: tags.map(({name}) => name)});
	}
	return indexes;
}
