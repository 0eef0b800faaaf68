import type {Page, PageRequest} from '@stowage/core';

/** One of the lists that are merged, in byte order of its items' keys. Undefined where there is no such list. */
export type List<Item> = (page: PageRequest) => Promise<Page<Item> | undefined>;

/** A page of all lists together, in byte order, each item once. Undefined when there is none of them. */
export async function mergePages<Item>(
	lists: readonly List<Item>[],
	page: PageRequest,
	keyOf: (item: Item) => string,
): Promise<Page<Item> | undefined> {
	const opened = await Promise.all(lists.map(async list => Cursor.open(list, page)));
	const cursors = opened.filter(cursor => cursor !== undefined);
	if (cursors.length === 0) {
		return undefined;
	}
	const items: Item[] = [];
	while (items.length < page.limit) {
		const item = await takeFirst(cursors, keyOf);
		if (item === undefined) {
			return {items};
		}
		items.push(item);
	}
	const last = items.at(-1);
	return last !== undefined && cursors.some(({ended}) => !ended) ? {items, next: keyOf(last)} : {items};
}

/** The first of all items that are left, taken from every list that has it. */
async function takeFirst<Item>(
	cursors: readonly Cursor<Item>[],
	keyOf: (item: Item) => string,
): Promise<Item | undefined> {
	let first: Item | undefined;
	for (const cursor of cursors) {
		const item = cursor.head ?? (await cursor.fill());
		if (item !== undefined && (first === undefined || keyOf(item) < keyOf(first))) {
			first = item;
		}
	}
	for (const cursor of cursors) {
		if (first !== undefined && cursor.head !== undefined && keyOf(cursor.head) === keyOf(first)) {
			cursor.skip();
		}
	}
	return first;
}

/** How far one list has been read. */
class Cursor<Item> {
	readonly #list: List<Item>;
	readonly #limit: number;
	#items: readonly Item[];
	#index = 0;
	#next: string | undefined;

	private constructor(list: List<Item>, limit: number, {items, next}: Page<Item>) {
		this.#list = list;
		this.#limit = limit;
		this.#items = items;
		this.#next = next;
	}

	static async open<Item>(list: List<Item>, page: PageRequest): Promise<Cursor<Item> | undefined> {
		const first = await list(page);
		return first && new Cursor(list, page.limit, first);
	}

	/** The next item that has been read already. */
	get head(): Item | undefined {
		return this.#items[this.#index];
	}

	/** Whether nothing is left. */
	get ended(): boolean {
		return this.#index >= this.#items.length && this.#next === undefined;
	}

	skip(): void {
		this.#index++;
	}

	/** The next item when all that was read has been taken. */
	async fill(): Promise<Item | undefined> {
		while (this.#index >= this.#items.length && this.#next !== undefined) {
			const after = this.#next;
			const page = await this.#list({limit: this.#limit, after});
			if (page?.next === after) {
				throw new Error('a list does not go on after its own cursor');
			}
			this.#items = page?.items ?? [];
			this.#index = 0;
			this.#next = page?.next;
		}
		return this.head;
	}
}
