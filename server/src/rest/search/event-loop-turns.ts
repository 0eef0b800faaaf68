import {setImmediate} from 'node:timers/promises';

/** How long others may have to wait, in milliseconds. */
const longestTurnMs = 10;

/** Lets everything else that waits have its turn, for work that rarely waits itself. */
export class EventLoopTurns {
	#since = performance.now();

	/** To be called between two pieces of the work. Waits only when the turn has been long enough. */
	async next(): Promise<void> {
		if (performance.now() - this.#since >= longestTurnMs) {
			await setImmediate();
			this.#since = performance.now();
		}
	}
}
