import type {PropertyChange, PropertyPlace} from '../../property-records.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';
import {type FoundPlace, findPlaces} from './find-places.ts';
import {checkPropertyRoom} from './property-room.ts';

interface ChangeRequest {
	readonly repository: number;
	readonly places: readonly PropertyPlace[];
	readonly change: PropertyChange;
}

interface ItemRow {
	readonly id: number;
	readonly path: string;
	readonly tag: string | null;
	readonly manifest_id: number | null;
}

/** What of a value its index has. */
export function startOf(value: string): string {
	return value.slice(0, 160);
}

export async function changeProperties(session: Session, {repository, places, change}: ChangeRequest): Promise<void> {
	for (const part of chunks(await findPlaces(session, repository, places))) {
		const items = await readItems(session, repository, part);
		const byPath = new Map(part.map(place => [place.path, place]));
		const other = items.filter(item => !isSame(item, byPath.get(item.path)));
		await session.run('items', rows =>
			rows
				.whereIn(
					'id',
					other.map(item => item.id),
				)
				.delete(),
		);
		const same = items.filter(item => !other.includes(item));
		await changeItems(session, {repository, places: part, items: same, change});
	}
}

interface PartChange {
	readonly repository: number;
	readonly places: readonly FoundPlace[];
	/** Those of them that have properties. */
	readonly items: readonly ItemRow[];
	readonly change: PropertyChange;
}

async function changeItems(session: Session, part: PartChange): Promise<void> {
	const {set = new Map<string, readonly string[]>(), remove = []} = part.change;
	const known = part.items.map(item => item.id);
	for (const names of chunks([...new Set([...remove, ...set.keys()])])) {
		await session.run('item_properties', rows => rows.whereIn('item_id', known).whereIn('name', names).delete());
	}
	await session.run('items', rows => rows.whereIn('id', known).update({updated_at: Date.now()}));
	const values = [...set].flatMap(([name, list]) => list.map((value, position) => ({name, position, value})));
	if (values.length === 0) {
		await dropBareItems(session, known);
		return;
	}
	await checkPropertyRoom(session, known, set);
	const items = await addItems(session, part);
	const rows = items.flatMap(({id}) =>
		values.map(({name, position, value}) => ({item_id: id, name, position, value, value_start: startOf(value)})),
	);
	for (const some of chunks(rows)) {
		await session.run('item_properties', table => table.insert(some));
	}
}

async function addItems(session: Session, {repository, places, items}: PartChange): Promise<readonly ItemRow[]> {
	const known = new Set(items.map(item => item.path));
	const missing = places.filter(({path}) => !known.has(path));
	if (missing.length === 0) {
		return items;
	}
	const rows = missing.map(({path, imageId, tag, manifestId}) => ({
		repository_id: repository,
		path,
		image_id: imageId ?? null,
		tag: tag ?? null,
		manifest_id: manifestId ?? null,
		updated_at: Date.now(),
	}));
	await session.run('items', table => table.insert(rows));
	return readItems(session, repository, places);
}

async function dropBareItems(session: Session, ids: readonly number[]): Promise<void> {
	const used = new Set(
		await session.run<readonly number[]>('item_properties', rows =>
			rows.distinct('item_id').whereIn('item_id', ids).pluck('item_id'),
		),
	);
	const bare = ids.filter(id => !used.has(id));
	await session.run('items', rows => rows.whereIn('id', bare).delete());
}

function readItems(session: Session, repository: number, places: readonly FoundPlace[]): Promise<readonly ItemRow[]> {
	const paths = places.map(place => place.path);
	return session.run<readonly ItemRow[]>('items', rows =>
		session.lock(
			rows.select('id', 'path', 'tag', 'manifest_id').where('repository_id', repository).whereIn('path', paths),
		),
	);
}

function isSame({tag, manifest_id: manifestId}: ItemRow, place: FoundPlace | undefined): boolean {
	return place !== undefined && tag === (place.tag ?? null) && manifestId === (place.manifestId ?? null);
}
