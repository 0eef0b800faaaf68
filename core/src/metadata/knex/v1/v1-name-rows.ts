import type {ImageName} from '../../../oci/image-name.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {V1ImageId} from '../../../oci/v1-image-id.ts';
import type {Page, PageRequest} from '../../../types/page.ts';
import type {PutV1TagOptions, V1Tag} from '../../v1-records.ts';
import {chunks} from '../chunks.ts';
import type {ImageKey} from '../manifest-rows.ts';
import type {Session} from '../session.ts';
import {toPage} from '../to-page.ts';
import {keepV1Ancestry} from './v1-image-rows.ts';

const namesSql = 'select distinct image from v1_tags where repository_id = ? and image > ? order by image limit ?';
const anySql = 'select 1 from v1_tags where repository_id = ? and image = ? limit 1';
const tagColumns = 'tag, v1_id, updated_at, updated_by';
const tagsSql = `select ${tagColumns} from v1_tags
	where repository_id = ? and image = ? and tag > ? order by tag limit ?`;
const tagSql = `select ${tagColumns} from v1_tags where repository_id = ? and image = ? and tag = ?`;

interface TagRow {
	readonly tag: TagName;
	readonly v1_id: V1ImageId;
	readonly updated_at: number;
	readonly updated_by: string;
}

export async function listV1Names(
	session: Session,
	repository: number,
	{after = '', limit}: PageRequest,
): Promise<Page<ImageName>> {
	const rows = await session.select<{image: ImageName}>(namesSql, [repository, after, limit + 1]);
	return toPage(
		rows.map(row => row.image),
		limit,
		name => name,
	);
}

export async function listV1Tags(
	session: Session,
	{repository, image}: ImageKey,
	{after = '', limit}: PageRequest,
): Promise<Page<V1Tag> | undefined> {
	if ((await session.selectFirst(anySql, [repository, image])) === undefined) {
		return undefined;
	}
	const rows = await session.select<TagRow>(tagsSql, [repository, image, after, limit + 1]);
	return toPage(rows.map(toTag), limit, ({tag}) => tag);
}

export async function findV1Tag(
	session: Session,
	{repository, image}: ImageKey,
	tag: TagName,
): Promise<V1Tag | undefined> {
	const row = await session.selectFirst<TagRow>(tagSql, [repository, image, tag]);
	return row && toTag(row);
}

export interface PointedV1Tag extends PutV1TagOptions {
	readonly tag: TagName;
	readonly id: V1ImageId;
}

/** Who deletes images locks them too, and then looks whether a name has them: only one of both can be first. */
export function putV1Tag(
	session: Session,
	key: ImageKey,
	{tag, id, by, mayMoveTag}: PointedV1Tag,
): Promise<'stored' | 'unknown' | 'tag-exists'> {
	return session.transaction(async inner => {
		const ancestry = await keepV1Ancestry(inner, key.repository, id);
		if (ancestry === undefined) {
			return 'unknown';
		}
		const place = {repository_id: key.repository, image: key.image, tag};
		const [known] = await inner.run<readonly {v1_id: V1ImageId}[]>('v1_tags', tags =>
			inner.lock(tags.select('v1_id').where(place)),
		);
		if (known !== undefined && known.v1_id !== id && !mayMoveTag) {
			return 'tag-exists';
		}
		const row = {...place, v1_id: id, updated_at: Date.now(), updated_by: by};
		await inner.run('v1_tags', tags =>
			tags.insert(row).onConflict(['repository_id', 'image', 'tag']).merge(['v1_id', 'updated_at', 'updated_by']),
		);
		await giveImages(inner, key, ancestry);
		return 'stored';
	});
}

/** The name has these images from now on. */
export async function giveImages(
	session: Session,
	{repository, image}: ImageKey,
	ids: readonly V1ImageId[],
): Promise<void> {
	const since = Date.now();
	for (const part of chunks(ids.toSorted())) {
		const rows = part.map(id => ({repository_id: repository, image, v1_id: id, since}));
		await session.run('v1_name_images', names =>
			names.insert(rows).onConflict(['repository_id', 'image', 'v1_id']).merge(['since']),
		);
	}
}

export async function deleteV1Tag(session: Session, key: ImageKey, tag: TagName): Promise<boolean> {
	const place = {repository_id: key.repository, image: key.image, tag};
	return (await session.run<number>('v1_tags', tags => tags.where(place).delete())) > 0;
}

export function deleteV1Name(session: Session, {repository, image}: ImageKey): Promise<boolean> {
	return session.transaction(async inner => {
		let deleted = 0;
		for (const table of ['v1_tags', 'v1_name_images', 'v1_pushes']) {
			deleted += await inner.run<number>(table, rows => rows.where({repository_id: repository, image}).delete());
		}
		return deleted > 0;
	});
}

function toTag({tag, v1_id: id, updated_at: at, updated_by: taggedBy}: TagRow): V1Tag {
	return {tag, id, taggedBy, taggedAt: new Date(at)};
}
