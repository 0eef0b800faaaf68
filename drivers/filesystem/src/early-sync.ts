import type {FileHandle} from 'node:fs/promises';

/** So that a sync costs little beside what it writes, and the last one has little left to do. */
const syncSize = 16 * 1024 * 1024;

/**
 * Brings a file to the disk while it is being written, one call at a time, so that the last one is short. The system
 * tells of a failed write to the disk once: whichever sync hears of it, {@link end} rejects with it.
 */
export class EarlySync {
	readonly #handle: FileHandle;
	#written = 0;
	#running = false;
	#synced: Promise<void> = Promise.resolve();

	constructor(handle: FileHandle) {
		this.#handle = handle;
	}

	/** To be told of bytes once they are written. */
	written(bytes: number): void {
		this.#written += bytes;
		if (this.#written >= syncSize && !this.#running) {
			this.#written = 0;
			this.#synced = this.#synced.then(() => this.#sync());
			// Told by `end`; until then it is nobody's unhandled rejection.
			this.#synced.catch(() => undefined);
		}
	}

	/** Resolves once all that was written is on the disk. */
	async end(): Promise<void> {
		await this.#synced;
		await this.#handle.datasync();
	}

	/** Resolves once no call is under way. */
	async settled(): Promise<void> {
		await this.#synced.catch(() => undefined);
	}

	async #sync(): Promise<void> {
		this.#running = true;
		try {
			await this.#handle.datasync();
		} finally {
			this.#running = false;
		}
	}
}
