/** What comes while a write is under way is written together by the next: under load, many share the cost of one. */
export class GatheredWrites<Item> {
	readonly #write: (items: readonly Item[]) => Promise<void>;
	#waiting: Item[] = [];
	#next: Promise<void> | undefined;
	#last: Promise<void> = Promise.resolve();

	constructor(write: (items: readonly Item[]) => Promise<void>) {
		this.#write = write;
	}

	/** Resolves when it is written; rejects, with all that were to be written together, when that failed. */
	add(item: Item): Promise<void> {
		this.#waiting.push(item);
		this.#next ??= this.#writeAfter(this.#last);
		return this.#next;
	}

	async #writeAfter(last: Promise<void>): Promise<void> {
		await last;
		const items = this.#waiting;
		this.#waiting = [];
		this.#next = undefined;
		const written = this.#write(items);
		this.#last = written.catch(() => undefined);
		await written;
	}
}
