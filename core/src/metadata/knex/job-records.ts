import type {Knex} from 'knex';
import type {Json} from '../../types/json.ts';
import type {JobClaim, JobRecords, JobState} from '../job-records.ts';
import type {Session} from './session.ts';

const reportSql = 'select value from job_reports where name = ?';

interface JobRow {
	readonly running: number;
	readonly started_at: number;
	readonly finished_at: number | null;
	readonly error: string | null;
}

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
		await this.#run('jobs', jobs => jobs.insert(row).onConflict('name').merge(['name']));
		return this.#take(claim);
	}

	async renew(name: string, owner: string, leaseMs: number): Promise<boolean> {
		const {knex, now} = this.#session.database;
		const renewed = await this.#run<number>('jobs', jobs =>
			jobs.where({name, owner}).update({leased_until: knex.raw(`${now} + ?`, [leaseMs])}),
		);
		return renewed > 0;
	}

	async finish(name: string, owner: string, error?: string): Promise<void> {
		const {knex, now} = this.#session.database;
		await this.#run('jobs', jobs =>
			jobs
				.where({name, owner})
				.update({owner: null, leased_until: 0, finished_at: knex.raw(now), error: error ?? null}),
		);
	}

	async find(name: string): Promise<JobState> {
		const {now} = this.#session.database;
		const stateSql = `select leased_until > ${now} as running, started_at, finished_at, error from jobs where name = ?`;
		const row = await this.#session.selectFirst<JobRow>(stateSql, [name]);
		const report = await this.#session.selectFirst<{value: string}>(reportSql, [name]);
		return {
			running: row?.running === 1,
			...(row !== undefined && row.started_at > 0 && {startedAt: new Date(row.started_at)}),
			...(typeof row?.finished_at === 'number' && {finishedAt: new Date(row.finished_at)}),
			...(typeof row?.error === 'string' && {error: row.error}),
			...(report !== undefined && {report: JSON.parse(report.value) as Json}),
		};
	}

	async saveReport(name: string, report: Json): Promise<void> {
		const row = {name, value: JSON.stringify(report), updated_at: Date.now()};
		await this.#run('job_reports', reports => reports.insert(row).onConflict('name').merge(['value', 'updated_at']));
	}

	async #take({name, owner, leaseMs, intervalMs}: JobClaim): Promise<boolean> {
		const {knex, now} = this.#session.database;
		const taken = await this.#run<number>('jobs', jobs =>
			jobs
				.where({name})
				.whereRaw(`leased_until <= ${now}`)
				.whereRaw(`started_at + ? <= ${now}`, [intervalMs])
				.update({owner, leased_until: knex.raw(`${now} + ?`, [leaseMs]), started_at: knex.raw(now)}),
		);
		return taken > 0;
	}

	/** What a machine that loses power forgets of a job is that it was run, or how far it was: it is run again. */
	#run<Result>(table: string, build: (rows: Knex.QueryBuilder) => PromiseLike<Result>): Promise<Result> {
		return this.#session.run(table, build, {durable: false});
	}
}
