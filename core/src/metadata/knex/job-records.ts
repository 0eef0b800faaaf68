import type {JobClaim, JobRecords} from '../job-records.ts';
import type {Session} from './session.ts';

export class KnexJobRecords implements JobRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async claim(claim: JobClaim): Promise<boolean> {
		if (await this.#take(claim)) {
			return true;
		}
		// It may be that the job has no row yet: then it has one that nobody has claimed, and another try decides.
		const row = {name: claim.name, owner: null, leased_until: 0, started_at: 0};
		await this.#session.run('jobs', jobs => jobs.insert(row).onConflict('name').merge(['name']));
		return this.#take(claim);
	}

	async renew(name: string, owner: string, leaseMs: number): Promise<boolean> {
		const {knex, now} = this.#session.database;
		const renewed = await this.#session.run<number>('jobs', jobs =>
			jobs.where({name, owner}).update({leased_until: knex.raw(`${now} + ?`, [leaseMs])}),
		);
		return renewed > 0;
	}

	async finish(name: string, owner: string, error?: string): Promise<void> {
		const {knex, now} = this.#session.database;
		await this.#session.run('jobs', jobs =>
			jobs
				.where({name, owner})
				.update({owner: null, leased_until: 0, finished_at: knex.raw(now), error: error ?? null}),
		);
	}

	async #take({name, owner, leaseMs, intervalMs}: JobClaim): Promise<boolean> {
		const {knex, now} = this.#session.database;
		const taken = await this.#session.run<number>('jobs', jobs =>
			jobs
				.where({name})
				.whereRaw(`leased_until <= ${now}`)
				.whereRaw(`started_at + ? <= ${now}`, [intervalMs])
				.update({owner, leased_until: knex.raw(`${now} + ?`, [leaseMs]), started_at: knex.raw(now)}),
		);
		return taken > 0;
	}
}
