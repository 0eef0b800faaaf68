import type {ImageName} from '@stowage/core';

/** How many images are remembered at a time. */
const remembered = 10_000;

/** Which member had an image's manifest last: its blobs, and the manifests that an index names, are most likely there. */
export class LastHolders {
	readonly #holders = new Map<ImageName, string>();

	find(image: ImageName): string | undefined {
		return this.#holders.get(image);
	}

	remember(image: ImageName, key: string): void {
		if (this.#holders.get(image) === key) {
			return;
		}
		if (this.#holders.size >= remembered) {
			this.#holders.clear();
		}
		this.#holders.set(image, key);
	}
}
