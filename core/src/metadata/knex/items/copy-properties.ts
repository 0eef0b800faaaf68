import type {Knex} from 'knex';
import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {ImagePlace} from '../../promotion-records.ts';
import {chunks} from '../chunks.ts';
import type {ImageGraph} from '../image-graph.ts';
import type {Session} from '../session.ts';

export interface CopyPropertiesRequest {
	readonly from: ImagePlace;
	readonly to: ImagePlace;
	readonly sourceId: number;
	readonly targetId: number;
	/** What goes along, as the source has it. */
	readonly graph: ImageGraph;
	/** The target's manifests. */
	readonly ids: ReadonlyMap<Digest, number>;
	/** Tags of the source with what they are called in the target. */
	readonly tags: ReadonlyMap<TagName, TagName>;
	/** Whether all of the image goes along. */
	readonly whole: boolean;
}

interface ItemRow {
	readonly id: number;
	readonly path: string;
	readonly tag: TagName | null;
	readonly manifest_id: number | null;
}

interface CopiedItem {
	readonly sourceId: number;
	readonly row: {
		readonly repository_id: number;
		readonly path: string;
		readonly image_id: number;
		readonly tag: TagName | null;
		readonly manifest_id: number | null;
		readonly updated_at: number;
	};
}

/** Gives what the target now has the properties of the source, in place of those that were there. */
export async function copyProperties(session: Session, request: CopyPropertiesRequest): Promise<void> {
	const {to, sourceId, targetId, tags} = request;
	const moved = sourceId === targetId ? [...tags].filter(([name, other]) => name !== other) : [...tags];
	for (const part of chunks(moved.map(([, name]) => name))) {
		await session.run('items', items => items.where('image_id', targetId).whereIn('tag', part).delete());
	}
	const sources = await readItems(session, request, new Map(moved));
	const copies = await findPresent(session, targetId, copiesOf(sources, request, new Map(moved)));
	for (const part of chunks(copies)) {
		const paths = part.map(({row}) => row.path);
		await session.run('items', items => items.where('repository_id', to.repository).whereIn('path', paths).delete());
		await session.run('items', items => items.insert(part.map(({row}) => row)));
		await copyValues(session, part);
	}
}

async function readItems(
	session: Session,
	{sourceId, targetId, graph, whole}: CopyPropertiesRequest,
	tags: ReadonlyMap<TagName, TagName>,
): Promise<readonly ItemRow[]> {
	const found: ItemRow[] = [];
	const read = async (narrow: (items: Knex.QueryBuilder) => Knex.QueryBuilder) => {
		const rows = await session.run<readonly ItemRow[]>('items', items =>
			narrow(items.select('id', 'path', 'tag', 'manifest_id').where('image_id', sourceId)),
		);
		found.push(...rows);
	};
	for (const part of chunks([...tags.keys()])) {
		await read(items => items.whereIn('tag', part));
	}
	if (sourceId === targetId) {
		return found;
	}
	for (const part of chunks([...graph.values()].map(node => node.id))) {
		await read(items => items.whereNull('tag').whereIn('manifest_id', part));
	}
	if (whole) {
		await read(items => items.whereNull('tag').whereNull('manifest_id'));
	}
	return found;
}

function copiesOf(
	sources: readonly ItemRow[],
	{from, to, targetId, graph, ids}: CopyPropertiesRequest,
	tags: ReadonlyMap<TagName, TagName>,
): readonly CopiedItem[] {
	const nodes = new Map([...graph.values()].map(node => [node.id, node]));
	return sources.flatMap(({id, path, tag, manifest_id: manifestId}) => {
		const node = manifestId === null ? undefined : nodes.get(manifestId);
		const name = tag === null ? null : tags.get(tag);
		const stays =
			name === undefined ||
			(manifestId !== null && node === undefined) ||
			(tag !== null && node !== undefined && !node.tags.includes(tag));
		if (stays) {
			return [];
		}
		const rest = path.slice(from.image.length + (tag === null ? 0 : tag.length + 1));
		const row = {
			repository_id: to.repository,
			path: (name === null ? to.image : `${to.image}/${name}`) + rest,
			image_id: targetId,
			tag: name,
			manifest_id: node === undefined ? null : (ids.get(node.digest) ?? null),
			updated_at: Date.now(),
		};
		return [{sourceId: id, row}];
	});
}

/** Those whose tag and manifest are there: rules of the target may have taken some away again. */
async function findPresent(
	session: Session,
	targetId: number,
	copies: readonly CopiedItem[],
): Promise<readonly CopiedItem[]> {
	const tags = new Map<TagName, number>();
	const manifests = new Set<number>();
	for (const part of chunks(copies.map(({row}) => row))) {
		const named = await session.run<readonly {name: TagName; manifest_id: number}[]>('tags', rows =>
			rows
				.select('name', 'manifest_id')
				.where('image_id', targetId)
				.whereIn('name', [...new Set(part.map(row => row.tag ?? ''))]),
		);
		for (const {name, manifest_id: manifestId} of named) {
			tags.set(name, manifestId);
		}
		const ids = await session.run<readonly number[]>('manifests', rows =>
			rows.whereIn('id', [...new Set(part.map(row => row.manifest_id ?? 0))]).pluck('id'),
		);
		for (const id of ids) {
			manifests.add(id);
		}
	}
	return copies.filter(({row: {tag, manifest_id: manifestId}}) => {
		const current = tag === null ? manifestId : tags.get(tag);
		return current !== undefined && (manifestId === null || (manifests.has(manifestId) && current === manifestId));
	});
}

async function copyValues(session: Session, copies: readonly CopiedItem[]): Promise<void> {
	const byPath = new Map(copies.map(({sourceId, row}) => [row.path, sourceId]));
	const targets = await session.run<readonly {id: number; path: string}[]>('items', items =>
		items
			.select('id', 'path')
			.where('repository_id', copies[0]?.row.repository_id ?? 0)
			.whereIn('path', [...byPath.keys()]),
	);
	const targetOf = new Map(targets.map(({id, path}) => [byPath.get(path), id]));
	const values = await session.run<readonly {item_id: number}[]>('item_properties', rows =>
		rows.select('item_id', 'name', 'position', 'value', 'value_start').whereIn(
			'item_id',
			copies.map(({sourceId}) => sourceId),
		),
	);
	const rows = values.map(row => ({...row, item_id: targetOf.get(row.item_id)}));
	for (const part of chunks(rows)) {
		await session.run('item_properties', table => table.insert(part));
	}
}
