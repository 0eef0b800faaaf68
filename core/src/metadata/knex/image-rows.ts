import type {ImageName} from '../../oci/image-name.ts';
import type {Page, PageRequest} from '../../types/page.ts';
import {chunks} from './chunks.ts';
import {toPage} from './to-page.ts';
import type {Session} from './session.ts';

const listSql = `select name from images
	where repository_id = ? and name > ? and exists (select 1 from manifests where manifests.image_id = images.id)
	order by name limit ?`;

/**
 * The id of the image, whose row is then locked until the transaction ends: manifests and tags of an image are changed
 * by one writer at a time.
 */
export async function lockImage(session: Session, repository: number, image: ImageName): Promise<number | undefined> {
	const rows = await session.run<readonly {id: number}[]>('images', images =>
		session.lock(images.select('id').where({repository_id: repository, name: image})),
	);
	return rows[0]?.id;
}

/** Like {@link lockImage}, and makes the image when it is not there. */
export async function ensureImage(session: Session, repository: number, image: ImageName): Promise<number> {
	const found = await lockImage(session, repository, image);
	if (found !== undefined) {
		return found;
	}
	await session.run('images', images =>
		images.insert({repository_id: repository, name: image}).onConflict(['repository_id', 'name']).merge(['name']),
	);
	return (await lockImage(session, repository, image)) as number;
}

/** Images in which nothing is left are gone. Those that somebody is at are left alone. */
export async function dropEmptyImages(session: Session, ids: readonly number[]): Promise<void> {
	for (const part of chunks([...new Set(ids)])) {
		const locked = await session.run<readonly {id: number}[]>('images', images =>
			session.lockFree(images.select('id').whereIn('id', part).orderBy('id')),
		);
		const used = new Set<number>();
		for (const table of ['manifests', 'image_blobs']) {
			const inTable = await session.run<readonly number[]>(table, rows =>
				rows.distinct('image_id').whereIn('image_id', part).pluck('image_id'),
			);
			for (const id of inTable) {
				used.add(id);
			}
		}
		const empty = locked.map(row => row.id).filter(id => !used.has(id));
		if (empty.length > 0) {
			await session.run('images', images => images.whereIn('id', empty).delete());
		}
	}
}

export async function listImages(
	session: Session,
	repository: number,
	{after = '', limit}: PageRequest,
): Promise<Page<ImageName>> {
	const rows = await session.select<{name: ImageName}>(listSql, [repository, after, limit + 1]);
	return toPage(
		rows.map(row => row.name),
		limit,
		name => name,
	);
}
