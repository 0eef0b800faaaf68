import {setImmediate} from 'node:timers/promises';
import type {ImageName} from '../../../oci/image-name.ts';
import type {V1ImageId} from '../../../oci/v1-image-id.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';
import {listV1Ancestry} from './v1-image-rows.ts';

/** Rows looked at in one statement. */
const batchSize = 200;

const oldNamesSql = `select distinct image from v1_name_images
	where repository_id = ? and since < ? and image > ? order by image limit ?`;
const tagTargetsSql = 'select distinct v1_id from v1_tags where repository_id = ? and image = ?';
const oldImagesSql = 'select v1_id from v1_name_images where repository_id = ? and image = ? and since < ?';
const unnamedSql = `select id, v1_id from v1_images where repository_id = ? and created_at < ? and not exists (
		select 1 from v1_name_images
		where v1_name_images.repository_id = v1_images.repository_id and v1_name_images.v1_id = v1_images.v1_id
	) order by id limit ?`;

interface ImageRow {
	readonly id: number;
	readonly v1_id: V1ImageId;
}

export async function collectV1(session: Session, repository: number, before: number): Promise<number> {
	await session.run('v1_pushes', pushes =>
		pushes.where('repository_id', repository).where('announced_at', '<', before).delete(),
	);
	for (let after = ''; ;) {
		const bindings = [repository, before, after, batchSize];
		const names = await session.select<{image: ImageName}>(oldNamesSql, bindings);
		for (const {image} of names) {
			await takeUnneeded(session, {repository, image, before});
			await setImmediate();
		}
		const last = names.at(-1);
		if (last === undefined) {
			break;
		}
		after = last.image;
	}
	return deleteUnnamed(session, repository, before);
}

interface OldName {
	readonly repository: number;
	readonly image: ImageName;
	readonly before: number;
}

/** What is tagged meanwhile is younger than `before` by then, with all that it is made of. */
async function takeUnneeded(session: Session, {repository, image, before}: OldName): Promise<void> {
	const needed = new Set<V1ImageId>();
	for (const {v1_id} of await session.select<{v1_id: V1ImageId}>(tagTargetsSql, [repository, image])) {
		for (const id of needed.has(v1_id) ? [] : await listV1Ancestry(session, repository, v1_id)) {
			needed.add(id);
		}
	}
	const old = await session.select<{v1_id: V1ImageId}>(oldImagesSql, [repository, image, before]);
	const unneeded = old.map(row => row.v1_id).filter(id => !needed.has(id));
	for (const part of chunks(unneeded)) {
		await session.run('v1_name_images', rows =>
			rows.where({repository_id: repository, image}).whereIn('v1_id', part).where('since', '<', before).delete(),
		);
	}
}

async function deleteUnnamed(session: Session, repository: number, before: number): Promise<number> {
	let deleted = 0;
	for (;;) {
		const count = await session.transaction(inner => deleteBatch(inner, repository, before));
		deleted += count;
		if (count === 0) {
			return deleted;
		}
		await setImmediate();
	}
}

/** Looked at again once they are locked: whoever gives one to a name locks it before. */
async function deleteBatch(session: Session, repository: number, before: number): Promise<number> {
	const found = await session.select<ImageRow>(unnamedSql, [repository, before, batchSize]);
	const locked = await session.run<readonly ImageRow[]>('v1_images', images =>
		session.lockFree(
			images.select('id', 'v1_id').whereIn(
				'id',
				found.map(({id}) => id),
			),
		),
	);
	const named = new Set(
		await session.run<readonly V1ImageId[]>('v1_name_images', rows =>
			rows
				.where('repository_id', repository)
				.whereIn(
					'v1_id',
					locked.map(row => row.v1_id),
				)
				.pluck('v1_id'),
		),
	);
	const unnamed = locked.filter(row => !named.has(row.v1_id)).map(row => row.id);
	return unnamed.length === 0 ? 0 : session.run<number>('v1_images', rows => rows.whereIn('id', unnamed).delete());
}
