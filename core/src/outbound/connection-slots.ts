interface Line {
	taken: number;
	/** In the order in which they came. */
	readonly waiting: Set<() => void>;
}

/** So many places for each name: who finds none waits until one is given back, or his signal aborts. */
export class ConnectionSlots {
	readonly #limit: number;
	readonly #lines = new Map<string, Line>();

	constructor(limit: number) {
		this.#limit = limit;
	}

	/** Resolves with what gives the place back, once. Rejects with the signal's reason. */
	async take(name: string, signal?: AbortSignal): Promise<() => void> {
		signal?.throwIfAborted();
		const line = this.#lines.get(name) ?? {taken: 0, waiting: new Set()};
		this.#lines.set(name, line);
		if (line.taken < this.#limit) {
			line.taken += 1;
		} else {
			await waitIn(line, signal);
		}
		let given = false;
		return () => {
			if (!given) {
				given = true;
				this.#giveBack(name, line);
			}
		};
	}

	#giveBack(name: string, line: Line): void {
		const [next] = line.waiting;
		if (next !== undefined) {
			line.waiting.delete(next);
			next();
			return;
		}
		line.taken -= 1;
		if (line.taken === 0) {
			this.#lines.delete(name);
		}
	}
}

/** Resolves with the place of somebody who gives his back. */
async function waitIn({waiting}: Line, signal: AbortSignal | undefined): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const go = () => {
			signal?.removeEventListener('abort', leave);
			resolve();
		};
		const leave = () => {
			waiting.delete(go);
			reject(signal?.reason as Error);
		};
		waiting.add(go);
		signal?.addEventListener('abort', leave, {once: true});
	});
}
