import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';

/** A tag that is to name another manifest than it does. */
export interface MovingTag {
	readonly tag: TagName;
	/** Of what it names now. */
	readonly digest: Digest;
	readonly manifestId: number;
}

interface TagRow {
	readonly name: TagName;
	readonly digest: Digest;
	readonly manifest_id: number;
}

/** Those of `wanted`, tags with what each shall name, that are there and name something else; in byte order. */
export async function findMovingTags(
	session: Session,
	imageId: number | undefined,
	wanted: ReadonlyMap<TagName, Digest>,
): Promise<readonly MovingTag[]> {
	const moving: MovingTag[] = [];
	for (const part of imageId === undefined ? [] : chunks([...wanted.keys()].toSorted())) {
		const rows = await session.run<readonly TagRow[]>('tags', tags =>
			tags
				.join('manifests', 'manifests.id', 'tags.manifest_id')
				.select('tags.name', 'tags.manifest_id', 'manifests.digest')
				.where('tags.image_id', imageId)
				.whereIn('tags.name', part)
				.orderBy('tags.name'),
		);
		const others = rows.filter(row => wanted.get(row.name) !== row.digest);
		moving.push(...others.map(({name: tag, digest, manifest_id: manifestId}) => ({tag, digest, manifestId})));
	}
	return moving;
}
