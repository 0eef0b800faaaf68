import type {Json} from '../../types/json.ts';
import type {SettingRecords} from '../setting-records.ts';
import type {Session} from './session.ts';

const findSql = 'select value from settings where name = ?';

export class KnexSettingRecords implements SettingRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async find(name: string): Promise<Json | undefined> {
		const row = await this.#session.selectFirst<{value: string}>(findSql, [name]);
		return row && (JSON.parse(row.value) as Json);
	}

	async insertOnce(name: string, value: Json): Promise<Json> {
		const row = {name, value: JSON.stringify(value)};
		await this.#session.run('settings', rows => rows.insert(row).onConflict('name').merge(['name']));
		return (await this.find(name)) as Json;
	}

	async set(name: string, value: Json): Promise<void> {
		const row = {name, value: JSON.stringify(value)};
		await this.#session.run('settings', rows => rows.insert(row).onConflict('name').merge(['value']));
	}
}
