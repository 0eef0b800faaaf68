import {finished, type Readable} from 'node:stream';

/** Counts what is under way, so that something can be closed once nobody uses it. */
export class RunningCalls {
	#running = 0;
	#waiting: (() => void)[] = [];

	async run<Result>(work: () => Promise<Result>): Promise<Result> {
		this.#running++;
		try {
			return await work();
		} finally {
			this.#end();
		}
	}

	/** Counts until the stream is closed. */
	watch(stream: Readable): void {
		this.#running++;
		finished(stream, () => this.#end());
	}

	/** Resolves when nothing is under way. */
	async idle(): Promise<void> {
		if (this.#running > 0) {
			await new Promise<void>(resolve => void this.#waiting.push(resolve));
		}
	}

	#end(): void {
		this.#running--;
		if (this.#running === 0) {
			for (const resolve of this.#waiting.splice(0)) {
				resolve();
			}
		}
	}
}
