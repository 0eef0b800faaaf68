import {makeAuditId} from '../metadata/audit-id.ts';
import type {AuditEntry, AuditOutcome} from '../metadata/audit-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Json} from '../types/json.ts';
import type {Logger} from '../types/logger.ts';
import {GatheredWrites} from './gathered-writes.ts';
import {type CountedRefusal, type Refusal, RefusalCounts} from './refusal-counts.ts';

export interface AuditLogParts {
	readonly metadata: Pick<MetadataStore, 'audit' | 'users'>;
	readonly logger: Logger;
	/** Told of each entry once, when it has its outcome: for lines besides rows. */
	readonly tell?: (entry: AuditEntry) => void;
	/** How long refusals are counted before they become rows, in milliseconds; 5,000 unless told. */
	readonly gatherMs?: number;
	/** Milliseconds since 1970. */
	readonly now?: () => number;
}

/** What somebody sets out to do. */
export type AuditedChange = Pick<
	AuditEntry,
	'user' | 'action' | 'target' | 'repository' | 'address' | 'requestId' | 'details'
>;

/** A change whose row is there. */
export interface BegunChange {
	/** What became of it, as an HTTP status. Never rejects: that the end could not be stored is logged. */
	finish(status: number, details?: Json): Promise<void>;
	/** It was none: its row goes. Never rejects. */
	drop(): Promise<void>;
}

/**
 * Who did what. The row of a change is there before the change is begun, so none that was made lacks one, whatever
 * crashes; its outcome is added in the end. Refusals are counted in memory, bounded, and become rows every few seconds.
 */
export class AuditLog {
	readonly #parts: AuditLogParts;
	readonly #now: () => number;
	readonly #begun: GatheredWrites<AuditEntry>;
	readonly #finished: GatheredWrites<AuditOutcome>;
	readonly #refusals = new RefusalCounts();
	#timer: NodeJS.Timeout | undefined;
	/** Of the entries of this log: many may be of one millisecond. */
	#sequence = 0;

	constructor(parts: AuditLogParts) {
		const {audit} = parts.metadata;
		this.#parts = parts;
		this.#now = parts.now ?? Date.now;
		this.#begun = new GatheredWrites(async entries => audit.insert(entries));
		this.#finished = new GatheredWrites(async outcomes => audit.finish(outcomes));
	}

	/** Resolves when the row is there. Rejects when it cannot be stored: then the change must not be made. */
	async begin(change: AuditedChange): Promise<BegunChange> {
		const entry = this.#entry(change);
		await this.#begun.add(entry);
		return {
			finish: async (status, details = entry.details) => {
				await this.#try(async () => this.#finished.add({id: entry.id, status, details}));
				this.#parts.tell?.({...entry, status, ...(details !== undefined && {details})});
			},
			drop: async () => this.#try(async () => this.#parts.metadata.audit.delete([entry.id])),
		};
	}

	/** For what is known to be a change only once it was made. Never rejects. */
	async add(change: AuditedChange, status: number): Promise<void> {
		const entry = {...this.#entry(change), status};
		await this.#try(async () => this.#begun.add(entry));
		this.#parts.tell?.(entry);
	}

	/** Takes neither time nor room: what is the same within a few seconds is one entry. */
	refuse(refusal: Refusal): void {
		this.#refusals.add(refusal, new Date(this.#now()));
		this.#flushLater();
	}

	/** Stores the refusals counted so far. What could not be stored is kept for the next time. Never rejects. */
	async flush(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const counted = this.#refusals.take();
		try {
			const known = new RefusalCounts();
			for (const refusal of counted) {
				known.merge(await this.#withKnownName(refusal));
			}
			const entries = known.take().map(refusal => toEntry(refusal, this.#nextId(refusal.firstAt)));
			await this.#parts.metadata.audit.insert(entries);
			entries.forEach(entry => this.#parts.tell?.(entry));
		} catch (error) {
			this.#parts.logger.warn({err: error}, 'refusals could not be stored in the audit log yet');
			counted.forEach(refusal => this.#refusals.merge(refusal));
			this.#flushLater();
		}
	}

	#flushLater(): void {
		this.#timer ??= setTimeout(() => void this.flush(), this.#parts.gatherMs ?? 5000).unref();
	}

	async #withKnownName({claimed, ...refusal}: CountedRefusal): Promise<CountedRefusal> {
		const found = claimed === undefined ? undefined : await this.#parts.metadata.users.find(claimed);
		return found === undefined ? refusal : {...refusal, user: found.name};
	}

	#entry(change: AuditedChange): AuditEntry {
		const at = new Date(this.#now());
		return {id: this.#nextId(at), at, kind: 'change', count: 1, ...change};
	}

	#nextId(at: Date): string {
		this.#sequence += 1;
		return makeAuditId(at, this.#sequence);
	}

	async #try(work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (error) {
			this.#parts.logger.error({err: error}, 'the end of a change could not be stored in the audit log');
		}
	}
}

function toEntry({firstAt, lastAt, ...refusal}: CountedRefusal, id: string): AuditEntry {
	const details = refusal.count > 1 ? {details: {lastAt: lastAt.toISOString()}} : {};
	return {id, at: firstAt, kind: 'refusal', ...refusal, ...details};
}
