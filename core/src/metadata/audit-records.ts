import type {Json} from '../types/json.ts';
import type {Page} from '../types/page.ts';

/** `change`: somebody set out to change something. `refusal`: he was not let. */
export type AuditKind = 'change' | 'refusal';

/** Who did what, from where, and what became of it. Nothing in it is secret. */
export interface AuditEntry {
	/** Later entries have greater ones; see `auditIdAt`. */
	readonly id: string;
	readonly at: Date;
	readonly kind: AuditKind;
	/** Name of the user; undefined for who signed in as nobody that there is. */
	readonly user?: string;
	/** A word such as `user.delete`, or the method and the pattern of the path. */
	readonly action: string;
	/** What it was done to: the path, without the query. */
	readonly target: string;
	/** Key of the repository, where the path names one. */
	readonly repository?: string;
	/** Of the client, or `local` for who has the configuration at hand. */
	readonly address: string;
	readonly requestId?: string;
	/** HTTP status; undefined for a change whose end was never told, since the process ended before. */
	readonly status?: number;
	/** How often it happened: like refusals are counted together. */
	readonly count: number;
	readonly details?: Json;
}

/** What of the log is asked for: all that is told must be so. */
export interface AuditQuery {
	readonly user?: string;
	readonly action?: string;
	readonly repository?: string;
	readonly kind?: AuditKind;
	readonly from?: Date;
	/** Not itself. */
	readonly until?: Date;
	readonly limit: number;
	/** Entries older than the one of this `id`. */
	readonly after?: string;
}

/** What became of a change. */
export interface AuditOutcome {
	readonly id: string;
	readonly status: number;
	readonly details?: Json;
}

/** The audit log: entries are added, get their outcome once, and are deleted when they are old. */
export interface AuditRecords {
	insert(entries: readonly AuditEntry[]): Promise<void>;
	/** All in one transaction. */
	finish(outcomes: readonly AuditOutcome[]): Promise<void>;
	delete(ids: readonly string[]): Promise<void>;
	/** The newest first. */
	list(query: AuditQuery): Promise<Page<AuditEntry>>;
	/** At most `limit` of those that are older than `at`; resolves to how many. */
	deleteBefore(at: Date, limit: number): Promise<number>;
	/** At most `limit` of the oldest refusals, as long as there are more than `kept`; resolves to how many. */
	deleteRefusalsBeyond(kept: number, limit: number): Promise<number>;
}
