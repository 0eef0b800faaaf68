import type {Copy} from './copy-name.ts';

/** Keys with their sizes in the order of their last use, and how much they are together. */
export class LastUsed {
	/** A map keeps the order in which keys came. */
	readonly #sizes = new Map<string, number>();
	readonly #maxBytes: number;
	#bytes = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	has(key: string): boolean {
		return this.#sizes.has(key);
	}

	add({key, size}: Copy): void {
		this.delete(key);
		this.#sizes.set(key, size);
		this.#bytes += size;
	}

	/** Makes it the one used last. Its size, if it is there. */
	touch(key: string): number | undefined {
		const size = this.delete(key);
		if (size !== undefined) {
			this.add({key, size});
		}
		return size;
	}

	/** Its size, if it was there. */
	delete(key: string): number | undefined {
		const size = this.#sizes.get(key);
		this.#sizes.delete(key);
		this.#bytes -= size ?? 0;
		return size;
	}

	/** Takes out what was not used for the longest time, if there is too much. */
	takeExcess(): Copy | undefined {
		const [oldest] = this.#sizes;
		if (this.#bytes <= this.#maxBytes || oldest === undefined) {
			return undefined;
		}
		const [key, size] = oldest;
		this.delete(key);
		return {key, size};
	}
}
