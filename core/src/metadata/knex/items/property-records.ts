import type {Knex} from 'knex';
import type {Properties, PropertyChange, PropertyPlace, PropertyRecords} from '../../property-records.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';
import {changeProperties, startOf} from './change-properties.ts';

interface PropertyRow {
	readonly path: string;
	readonly name: string;
	readonly value: string;
}

/** A file below a tag is another when the tag names another manifest. */
const current = `from items join item_properties on item_properties.item_id = items.id
	left join tags on tags.image_id = items.image_id and tags.name = items.tag
	where items.repository_id = ? and (items.tag is null or items.manifest_id is null or tags.manifest_id = items.manifest_id)`;
const byNameSql = `select distinct items.path ${current} and item_properties.name = ? and items.path >= ?
	order by items.path limit ?`;
const byValueSql = `select distinct items.path ${current} and item_properties.name = ?
		and item_properties.value_start = ? and item_properties.value = ? and items.path >= ?
	order by items.path limit ?`;

export class KnexPropertyRecords implements PropertyRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async read(repository: number, paths: readonly string[]): Promise<ReadonlyMap<string, Properties>> {
		const found = new Map<string, Map<string, string[]>>();
		for (const part of chunks(paths)) {
			for (const {path, name, value} of await this.#readPart(repository, part)) {
				const properties = found.get(path) ?? new Map<string, string[]>();
				found.set(path, properties);
				properties.set(name, [...(properties.get(name) ?? []), value]);
			}
		}
		return found;
	}

	async readTimes(repository: number, paths: readonly string[]): Promise<ReadonlyMap<string, Date>> {
		const found = new Map<string, Date>();
		for (const part of chunks(paths)) {
			const rows = await this.#session.run<readonly {path: string; updated_at: number}[]>('items', items =>
				currentItems(items, repository, part).select('items.path', 'items.updated_at'),
			);
			for (const {path, updated_at: updatedAt} of rows) {
				found.set(path, new Date(updatedAt));
			}
		}
		return found;
	}

	change(repository: number, places: readonly PropertyPlace[], change: PropertyChange): Promise<void> {
		return this.#session.transaction(session => changeProperties(session, {repository, places, change}));
	}

	async find(
		repository: number,
		{
			name,
			value,
			after,
			limit,
		}: {readonly name: string; readonly value?: string; readonly after?: string; readonly limit: number},
	): Promise<readonly string[]> {
		// No character of a path comes before this one.
		const from = after === undefined ? '' : `${after}\u0001`;
		const rows =
			value === undefined
				? await this.#session.select<{path: string}>(byNameSql, [repository, name, from, limit])
				: await this.#session.select<{path: string}>(byValueSql, [
						repository,
						name,
						startOf(value),
						value,
						from,
						limit,
					]);
		return rows.map(row => row.path);
	}

	#readPart(repository: number, paths: readonly string[]): Promise<readonly PropertyRow[]> {
		return this.#session.run<readonly PropertyRow[]>('items', items =>
			currentItems(items, repository, paths)
				.join('item_properties', 'item_properties.item_id', 'items.id')
				.select('items.path', 'item_properties.name', 'item_properties.value')
				.orderBy(['items.path', 'item_properties.name', 'item_properties.position']),
		);
	}
}

function currentItems(items: Knex.QueryBuilder, repository: number, paths: readonly string[]): Knex.QueryBuilder {
	return items
		.leftJoin('tags', tags => {
			tags.on('tags.image_id', 'items.image_id').on('tags.name', 'items.tag');
		})
		.where('items.repository_id', repository)
		.whereIn('items.path', paths)
		.where(file => {
			file.whereNull('items.tag').orWhereNull('items.manifest_id').orWhereRaw('tags.manifest_id = items.manifest_id');
		}) as Knex.QueryBuilder;
}
