/** What part of a sorted list is wanted: at most `limit` items that come after `after` in byte order. */
export interface PageRequest {
	readonly limit: number;
	readonly after?: string;
}

/** A part of a sorted list; `next` is what to pass as `after` for the following one, absent on the last. */
export interface Page<Item> {
	readonly items: readonly Item[];
	readonly next?: string;
	/** What the client's user should know, as a sentence: that something is missing, for instance. */
	readonly warning?: string;
}
