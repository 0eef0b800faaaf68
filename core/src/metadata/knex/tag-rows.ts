import type {TagName} from '../../oci/tag-name.ts';
import type {Page, PageRequest} from '../../types/page.ts';
import type {WriteRules} from '../write-rules.ts';
import {lockImage} from './image-rows.ts';
import type {ImageKey} from './manifest-rows.ts';
import {readDerivedTags} from './rules/derived-tags.ts';
import {dropHistory} from './rules/drop-history.ts';
import {demandMutable} from './rules/immutable-tags.ts';
import type {Session} from './session.ts';
import {toPage} from './to-page.ts';

const imageSql = `select id from images
	where repository_id = ? and name = ? and exists (select 1 from manifests where manifests.image_id = images.id)`;
const tagSql = 'select 1 from tags where image_id = ? and name = ?';
const listSql = 'select name from tags where image_id = ? and name > ? order by name limit ?';

export async function listTags(
	session: Session,
	{repository, image}: ImageKey,
	{after = '', limit}: PageRequest,
): Promise<Page<TagName> | undefined> {
	const found = await session.selectFirst<{id: number}>(imageSql, [repository, image]);
	if (found === undefined) {
		return undefined;
	}
	const rows = await session.select<{name: TagName}>(listSql, [found.id, after, limit + 1]);
	return toPage(
		rows.map(row => row.name),
		limit,
		name => name,
	);
}

/** With the tags that came with it. Throws `ImmutableTagsError` when it is there and the rules make it immutable. */
export function deleteTag(
	session: Session,
	{repository, image}: ImageKey,
	{tag, rules}: {readonly tag: TagName; readonly rules: WriteRules | undefined},
): Promise<boolean> {
	return session.transaction(async inner => {
		const imageId = await lockImage(inner, repository, image);
		if (imageId === undefined || !(await inner.selectFirst(tagSql, [imageId, tag]))) {
			return false;
		}
		demandMutable(rules, [tag]);
		await dropHistory(inner, {repository, image, imageId}, [tag]);
		const derived = (await readDerivedTags(inner, imageId, [tag])).map(one => one.tag);
		await inner.run('tags', tags =>
			tags
				.where('image_id', imageId)
				.whereIn('name', [tag, ...derived])
				.delete(),
		);
		return true;
	});
}
