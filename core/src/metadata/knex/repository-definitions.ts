import type {Json} from '../../types/json.ts';
import type {NewRepositoryDefinition, RepositoryDefinition, RepositoryDefinitions} from '../repository-definitions.ts';
import {deleteRepository} from './delete-repository.ts';
import {forgetRepository} from './forget-repository.ts';
import type {Session} from './session.ts';
import {updateVersion} from './versioned-update.ts';

const selectSql = `select repositories.*, repository_attributes.value as attributes from repositories
	left join repository_attributes on repository_attributes.repository_id = repositories.id`;
const listSql = `${selectSql} order by repository_key`;
const findSql = `${selectSql} where repository_key = ?`;
const revisionSql = `select value from counters where name = 'definitions'`;

interface RepositoryRow {
	readonly id: number;
	readonly repository_key: string;
	readonly type: string;
	readonly storage: string;
	readonly description: string;
	readonly options: string;
	readonly attributes: string | null;
	readonly version: number;
	readonly created_at: number;
	readonly updated_at: number;
}

export class KnexRepositoryDefinitions implements RepositoryDefinitions {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async list(): Promise<readonly RepositoryDefinition[]> {
		return (await this.#session.select<RepositoryRow>(listSql, [])).map(toDefinition);
	}

	async find(key: string): Promise<RepositoryDefinition | undefined> {
		const row = await this.#session.selectFirst<RepositoryRow>(findSql, [key]);
		return row && toDefinition(row);
	}

	insert(definition: NewRepositoryDefinition): Promise<RepositoryDefinition> {
		const now = new Date();
		const row = {...toRow(definition), version: 1, created_at: now.getTime(), updated_at: now.getTime()};
		return this.#session.transaction(async session => {
			await countChange(session);
			const [id = 0] = await session.run<readonly number[]>('repositories', rows => rows.insert(row));
			await storeAttributes(session, id, definition);
			return {...definition, id, version: 1, createdAt: now, updatedAt: now};
		});
	}

	update(definition: RepositoryDefinition): Promise<RepositoryDefinition> {
		const {id, version} = definition;
		const updatedAt = new Date();
		const row = {...toRow(definition), updated_at: updatedAt.getTime()};
		return this.#session.transaction(async session => {
			await countChange(session);
			await updateVersion(session, {table: 'repositories', id, version, row});
			await storeAttributes(session, id, definition);
			return {...definition, version: version + 1, updatedAt};
		});
	}

	delete(id: number): Promise<boolean> {
		return this.#session.transaction(async session => {
			await forgetRepository(session, id);
			const deleted = await deleteRepository(session, id);
			if (deleted) {
				await countChange(session);
			}
			return deleted;
		});
	}

	async lock(): Promise<void> {
		await countChange(this.#session);
	}

	async revision(): Promise<number> {
		return (await this.#session.selectFirst<{value: number}>(revisionSql, []))?.value ?? 0;
	}
}

async function countChange(session: Session): Promise<void> {
	const name = 'definitions';
	await session.run('counters', rows => rows.insert({name, value: 0}).onConflict('name').merge(['name']));
	await session.run('counters', rows => rows.where({name}).increment('value', 1));
}

async function storeAttributes(
	session: Session,
	id: number,
	{attributes = {}}: Pick<NewRepositoryDefinition, 'attributes'>,
): Promise<void> {
	await session.run('repository_attributes', rows => rows.where({repository_id: id}).delete());
	if (Object.keys(attributes).length > 0) {
		const row = {repository_id: id, value: JSON.stringify(attributes)};
		await session.run('repository_attributes', rows => rows.insert(row));
	}
}

function toRow({key, type, storage, description, options}: NewRepositoryDefinition): object {
	return {repository_key: key, type, storage, description, options: JSON.stringify(options)};
}

function toDefinition(row: RepositoryRow): RepositoryDefinition {
	return {
		id: row.id,
		key: row.repository_key,
		type: row.type,
		storage: row.storage,
		description: row.description,
		options: JSON.parse(row.options) as {readonly [name: string]: Json},
		...(row.attributes !== null && {attributes: JSON.parse(row.attributes) as {readonly [name: string]: Json}}),
		version: row.version,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	};
}
