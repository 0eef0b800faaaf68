import {appendFile} from 'node:fs/promises';
import type {AuditEntry, Logger} from '@stowage/core';
import {shownEntry} from './shown-entry.ts';

export interface AuditLinesParts {
	/** Whether each entry is a line of the log, with the field `audit`. */
	readonly log: boolean;
	/** Path of a file to which each entry is appended as a line of JSON. */
	readonly file?: string;
	readonly logger: Logger;
}

/** How many entries wait for a file that does not take them: those beyond are only in the rows. */
const mostWaiting = 10_000;

/**
 * The audit log as lines. The file is opened anew for what has gathered, so that it can be moved away at any time, and
 * several processes may share it. Lines are for shipping: what counts are the rows.
 */
export class AuditLines {
	readonly #parts: AuditLinesParts;
	#waiting: AuditEntry[] = [];
	#writing: Promise<void> | undefined;

	constructor(parts: AuditLinesParts) {
		this.#parts = parts;
	}

	tell(entry: AuditEntry): void {
		const {log, file, logger} = this.#parts;
		if (log) {
			logger.info({audit: shownEntry(entry)}, 'audit');
		}
		if (file !== undefined && this.#waiting.length < mostWaiting) {
			this.#waiting.push(entry);
			this.#writing ??= this.#write(file);
		}
	}

	/** Resolves when all that was told is written, or could not be. */
	async close(): Promise<void> {
		await this.#writing;
	}

	async #write(file: string): Promise<void> {
		// What else is told in this turn shares the write.
		await Promise.resolve();
		while (this.#waiting.length > 0) {
			const entries = this.#waiting;
			this.#waiting = [];
			const lines = entries.map(entry => `${JSON.stringify(shownEntry(entry))}\n`).join('');
			try {
				await appendFile(file, lines, {mode: 0o600});
			} catch (error) {
				this.#parts.logger.error(
					{err: error, entries: entries.length},
					'the audit log could not be appended to its file',
				);
			}
		}
		this.#writing = undefined;
	}
}
