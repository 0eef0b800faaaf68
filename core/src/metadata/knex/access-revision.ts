import type {AccessRevision} from '../permission-target-records.ts';
import type {Session} from './session.ts';

const revisionSql = `select value from counters where name = 'access'`;

export class KnexAccessRevision implements AccessRevision {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async current(): Promise<number> {
		return (await this.#session.selectFirst<{value: number}>(revisionSql, []))?.value ?? 0;
	}

	async advance(): Promise<void> {
		const name = 'access';
		await this.#session.run('counters', rows => rows.insert({name, value: 0}).onConflict('name').merge(['name']));
		await this.#session.run('counters', rows => rows.where({name}).increment('value', 1));
	}
}
