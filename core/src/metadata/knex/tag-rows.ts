import type {TagName} from '../../oci/tag-name.ts';
import type {Page, PageRequest} from '../../types/page.ts';
import type {ImageKey} from './manifest-rows.ts';
import type {Session} from './session.ts';
import {toPage} from './to-page.ts';

const imageSql = `select id from images
	where repository_id = ? and name = ? and exists (select 1 from manifests where manifests.image_id = images.id)`;
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

export async function deleteTag(session: Session, {repository, image}: ImageKey, tag: TagName): Promise<boolean> {
	const found = await session.selectFirst<{id: number}>(imageSql, [repository, image]);
	if (found === undefined) {
		return false;
	}
	const deleted = await session.run<number>('tags', tags => tags.where({image_id: found.id, name: tag}).delete());
	return deleted > 0;
}
