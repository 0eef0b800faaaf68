import type {DatabaseSync, StatementSync} from 'node:sqlite';
import {LRUCache} from 'lru-cache';
import type {Binding} from './database.ts';
import type {SharedReads} from './shared-reads.ts';

/** Bytes of all rows together. */
const most = 8 * 1024 * 1024;
/** What an object, its names and small values take. */
const rowBytes = 200;

interface Reading<Value> {
	readonly query: () => readonly object[];
	/** Done once for each row that is kept. */
	readonly convert: (row: object) => Value;
}

/**
 * Rows of queries that many ask for, kept until anybody, in any process, has written to the database. Bounded: what was
 * not asked for longest is forgotten first.
 */
export class RememberedRows {
	readonly #version: StatementSync;
	readonly #reads: SharedReads;
	readonly #rows = new LRUCache<string, readonly object[]>({maxSize: most});
	#seen: unknown;
	#turn: number | undefined;

	constructor(reader: DatabaseSync, reads: SharedReads) {
		this.#version = reader.prepare('pragma data_version');
		this.#reads = reads;
	}

	/**
	 * Rows, converted, that are as new as a query begun now, from memory or from `query`. Nobody may change them. A query is
	 * always converted in the same way.
	 */
	recall<Value extends object>(
		sql: string,
		bindings: readonly Binding[],
		{query, convert}: Reading<Value>,
	): readonly Value[] {
		this.#forgetIfWritten();
		const key = `${bindings.join('\n')}\n${sql}`;
		const kept = this.#rows.get(key);
		if (kept !== undefined) {
			return kept as readonly Value[];
		}
		const rows = query();
		const values = rows.map(convert);
		this.#rows.set(key, values, {size: sizeOf(rows, key)});
		return values;
	}

	/** Asked once for all requests that came together (https://www.sqlite.org/pragma.html#pragma_data_version). */
	#forgetIfWritten(): void {
		const {turn} = this.#reads;
		if (turn !== undefined && turn === this.#turn) {
			return;
		}
		this.#reads.beforeRead();
		const version = this.#version.get()?.['data_version'];
		if (version !== this.#seen) {
			this.#rows.clear();
			this.#seen = version;
		}
		this.#turn = turn;
	}
}

function sizeOf(rows: readonly object[], key: string): number {
	let bytes = key.length;
	for (const row of rows) {
		bytes += rowBytes;
		for (const value of Object.values(row)) {
			bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
		}
	}
	return bytes;
}
