import type {Knex} from 'knex';
import type {Json} from '../../types/json.ts';
import type {Page} from '../../types/page.ts';
import {auditIdAt} from '../audit-id.ts';
import type {AuditEntry, AuditKind, AuditOutcome, AuditQuery, AuditRecords} from '../audit-records.ts';
import {chunks} from './chunks.ts';
import type {Session} from './session.ts';
import {toPage} from './to-page.ts';

const table = 'audit_entries';
const refusals = `select count(*) as count from audit_entries where kind = 'refusal'`;

interface AuditRow {
	readonly id: string;
	readonly at: number;
	readonly kind: AuditKind;
	readonly actor: string | null;
	readonly action: string;
	readonly target: string;
	readonly repository: string | null;
	readonly address: string;
	readonly request_id: string | null;
	readonly status: number | null;
	readonly count: number;
	readonly details: string | null;
}

export class KnexAuditRecords implements AuditRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	async insert(entries: readonly AuditEntry[]): Promise<void> {
		for (const chunk of chunks(entries)) {
			await this.#session.run(table, rows => rows.insert(chunk.map(toRow)));
		}
	}

	async finish(outcomes: readonly AuditOutcome[]): Promise<void> {
		await this.#session.transaction(async session => {
			for (const {id, status, details} of outcomes) {
				const change = {status, ...(details !== undefined && {details: JSON.stringify(details)})};
				await session.run(table, rows => rows.where({id}).update(change));
			}
		});
	}

	async delete(ids: readonly string[]): Promise<void> {
		for (const chunk of chunks(ids)) {
			await this.#session.run(table, rows => rows.whereIn('id', chunk).delete());
		}
	}

	async list({limit, ...asked}: AuditQuery): Promise<Page<AuditEntry>> {
		const rows = await this.#session.run<readonly AuditRow[]>(table, entries =>
			narrow(entries, asked)
				.orderBy('id', 'desc')
				.limit(limit + 1),
		);
		return toPage(rows.map(toEntry), limit, entry => entry.id);
	}

	async deleteBefore(at: Date, limit: number): Promise<number> {
		return this.#deleteOldest(limit, rows => rows.where('id', '<', auditIdAt(at)));
	}

	async deleteRefusalsBeyond(kept: number, limit: number): Promise<number> {
		const count = (await this.#session.selectFirst<{count: number}>(refusals, []))?.count ?? 0;
		const surplus = Math.min(limit, count - kept);
		return surplus <= 0 ? 0 : this.#deleteOldest(surplus, rows => rows.where({kind: 'refusal'}));
	}

	/** In two statements, since SQLite cannot limit what one deletes. */
	async #deleteOldest(limit: number, choose: (rows: Knex.QueryBuilder) => Knex.QueryBuilder): Promise<number> {
		const oldest = await this.#session.run<readonly {id: string}[]>(table, rows =>
			choose(rows.select('id')).orderBy('id').limit(limit),
		);
		await this.delete(oldest.map(({id}) => id));
		return oldest.length;
	}
}

function narrow(rows: Knex.QueryBuilder, asked: Omit<AuditQuery, 'limit'>): Knex.QueryBuilder {
	const {user: actor, action, repository, kind, from, until, after} = asked;
	const equal = Object.entries({actor, action, repository, kind}).filter(([, value]) => value !== undefined);
	const ids: readonly (readonly [operator: string, id: string | undefined])[] = [
		['>=', from && auditIdAt(from)],
		['<', until && auditIdAt(until)],
		['<', after],
	];
	return ids.reduce(
		(narrowed, [operator, id]) => (id === undefined ? narrowed : narrowed.where('id', operator, id)),
		rows.where(Object.fromEntries(equal)),
	);
}

function toRow(entry: AuditEntry): AuditRow {
	return {
		id: entry.id,
		at: entry.at.getTime(),
		kind: entry.kind,
		actor: entry.user ?? null,
		action: entry.action,
		target: entry.target,
		repository: entry.repository ?? null,
		address: entry.address,
		request_id: entry.requestId ?? null,
		status: entry.status ?? null,
		count: entry.count,
		details: entry.details === undefined ? null : JSON.stringify(entry.details),
	};
}

function toEntry(row: AuditRow): AuditEntry {
	return {
		id: row.id,
		at: new Date(row.at),
		kind: row.kind,
		...(row.actor !== null && {user: row.actor}),
		action: row.action,
		target: row.target,
		...(row.repository !== null && {repository: row.repository}),
		address: row.address,
		...(row.request_id !== null && {requestId: row.request_id}),
		...(row.status !== null && {status: row.status}),
		count: row.count,
		...(row.details !== null && {details: JSON.parse(row.details) as Json}),
	};
}
