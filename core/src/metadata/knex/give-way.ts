import type {DatabaseSync, StatementSync} from 'node:sqlite';
import {setTimeout as sleep} from 'node:timers/promises';

/** How long after another process wrote this one still gives way to it, in milliseconds. */
const politeForMs = 1000;
/** How long this process leaves the file to others between two of its turns: longer than they wait between two tries. */
const pauseMs = 2;

/**
 * SQLite lets whoever asks first write next, and a process that writes without a pause is always first. So while others
 * write too, each pauses before its turn. Alone, none does.
 */
export class GiveWay {
	readonly #statement: StatementSync;
	#version: unknown;
	#politeUntil = 0;

	constructor(connection: DatabaseSync) {
		this.#statement = connection.prepare('pragma data_version');
		this.#version = this.#read();
	}

	/** To be called before a turn. */
	async pause(): Promise<void> {
		const version = this.#read();
		const now = performance.now();
		// It changes with what others commit, not with what this connection does.
		if (version !== this.#version) {
			this.#version = version;
			this.#politeUntil = now + politeForMs;
		}
		if (now < this.#politeUntil) {
			await sleep(pauseMs);
		}
	}

	#read(): unknown {
		return this.#statement.get()?.data_version;
	}
}
