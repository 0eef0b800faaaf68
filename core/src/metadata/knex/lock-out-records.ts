import type {LockOutRecords} from '../lock-out-records.ts';
import {chunks} from './chunks.ts';
import type {Session} from './session.ts';

const table = 'lock_outs';
const listSql = 'select name from lock_outs where locked_until > ? order by name';

export class KnexLockOutRecords implements LockOutRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async add(name: string, until: Date, now: Date): Promise<void> {
		const row = {name, locked_until: until.getTime()};
		await this.#session.run(table, rows => rows.where('locked_until', '<=', now.getTime()).delete());
		await this.#session.run(table, rows => rows.insert(row).onConflict('name').merge(['name']));
		await this.#session.run(table, rows =>
			rows.where({name}).where('locked_until', '<', row.locked_until).update({locked_until: row.locked_until}),
		);
	}

	async list(now: Date): Promise<readonly string[]> {
		const rows = await this.#session.select<{name: string}>(listSql, [now.getTime()]);
		return rows.map(({name}) => name);
	}

	async delete(names: readonly string[]): Promise<void> {
		for (const chunk of chunks(names)) {
			await this.#session.run(table, rows => rows.whereIn('name', chunk).delete());
		}
	}
}
