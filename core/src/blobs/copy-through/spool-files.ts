import type {FileHandle} from 'node:fs/promises';
import {openNamelessFile} from './open-nameless-file.ts';
import {SpoolFile} from './spool-file.ts';

/** So long the first write waits to be lent a file: a database that does not answer must not keep readers waiting. */
const lentWithinMs = 500;

/**
 * Where a spool's bytes are written: to a file that is lent, as long as its owner wants them and it takes them, and the
 * others to a nameless file.
 */
export class SpoolFiles {
	readonly #folder: () => Promise<string>;
	readonly #decision = Promise.withResolvers<void>();
	#decided = false;
	#lent: SpoolFile | undefined;
	/** Whether the lent one takes no more. */
	#left = false;
	readonly #lentFailure: PromiseWithResolvers<never> = Promise.withResolvers();
	#own: SpoolFile | undefined;
	/** Where the bytes begin that are in our own. */
	#ownFrom = Number.POSITIVE_INFINITY;
	#writing: Promise<void> = Promise.resolve();

	constructor(folder: () => Promise<string>) {
		this.#folder = folder;
		this.#lentFailure.promise.catch(() => undefined);
	}

	/** Rejects with why the lent file could not be written; else stays as it is. */
	get lentFailure(): Promise<never> {
		return this.#lentFailure.promise;
	}

	/** No file is lent any more. */
	decline(): void {
		this.#decided = true;
		this.#decision.resolve();
	}

	/** Has bytes written to the file that `open` opens, and closes it in the end. False when it comes too late. */
	async lend(open: () => Promise<FileHandle>): Promise<boolean> {
		if (this.#decided) {
			return false;
		}
		try {
			const file = await open();
			// Others may be in our own file by now.
			if (this.#decided) {
				await file.close();
				return false;
			}
			this.#lent = new SpoolFile(file);
			return true;
		} finally {
			this.decline();
		}
	}

	/** Once it resolves, nothing is written to the lent file any more. What is in it can still be read. */
	async leave(): Promise<void> {
		this.#left = true;
		await this.#writing.catch(() => undefined);
	}

	/** One at a time, each behind the one before. */
	write(buffers: readonly Buffer[], position: number): Promise<void> {
		this.#writing = this.#write(buffers, position);
		return this.#writing;
	}

	/** Some bytes that were written: one at least, and none from `end` on. */
	read(start: number, end: number): Promise<Buffer> {
		const [file, until] = start < this.#ownFrom ? [this.#lent, this.#ownFrom] : [this.#own, end];
		return (file as SpoolFile).read(start, Math.min(end, until));
	}

	async close(): Promise<void> {
		await Promise.all([this.#lent?.close(), this.#own?.close()]);
	}

	async #write(buffers: readonly Buffer[], position: number): Promise<void> {
		await this.#decide();
		if (this.#lent !== undefined && !this.#left) {
			try {
				await this.#lent.write(buffers, position);
				return;
			} catch (error) {
				this.#left = true;
				this.#lentFailure.reject(error);
			}
		}
		if (this.#own === undefined) {
			this.#own = new SpoolFile(await openNamelessFile(await this.#folder()));
			this.#ownFrom = position;
		}
		await this.#own.write(buffers, position);
	}

	async #decide(): Promise<void> {
		if (this.#decided) {
			return;
		}
		const late = setTimeout(() => this.decline(), lentWithinMs);
		await this.#decision.promise;
		clearTimeout(late);
	}
}
