import {setTimeout as sleep} from 'node:timers/promises';
import type {Abortable} from '../types/abortable.ts';

/** Lets so many bytes a second through, of all who ask it together. */
export class Pace {
	readonly #bytesPerSecond: number;
	#freeAt = 0;

	constructor(bytesPerSecond: number) {
		this.#bytesPerSecond = bytesPerSecond;
	}

	/** Resolves when so many bytes may go. Rejects with the signal's reason when that aborts. */
	async wait(bytes: number, {signal}: Abortable = {}): Promise<void> {
		const now = performance.now();
		const turn = Math.max(now, this.#freeAt);
		this.#freeAt = turn + (bytes / this.#bytesPerSecond) * 1000;
		if (turn > now) {
			await sleep(turn - now, undefined, {signal});
		}
		signal?.throwIfAborted();
	}
}
