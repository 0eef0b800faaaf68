import type {CollectedBlobs, RetainedImage} from '@stowage/core';
import {Counter, type Registry} from 'prom-client';

/** What this process has cleaned up. */
export class CleaningMetrics {
	readonly #holds: Counter;
	readonly #blobs: Counter;
	readonly #bytes: Counter;
	readonly #tags: Counter;
	readonly #manifests: Counter;

	constructor(registry: Registry) {
		const registers = [registry];
		this.#holds = new Counter({
			name: 'stowage_collected_holds_total',
			help: 'Holds of images ended by the collection',
			registers,
		});
		this.#blobs = new Counter({
			name: 'stowage_collected_blobs_total',
			help: 'Blobs deleted by the collection',
			registers,
		});
		this.#bytes = new Counter({
			name: 'stowage_collected_bytes_total',
			help: 'Bytes of blobs deleted by the collection',
			registers,
		});
		this.#tags = new Counter({name: 'stowage_retention_tags_total', help: 'Tags removed by policies', registers});
		this.#manifests = new Counter({
			name: 'stowage_retention_manifests_total',
			help: 'Manifests removed by policies',
			registers,
		});
	}

	countRemoved({removal}: RetainedImage): void {
		this.#tags.inc(removal.tags.length);
		this.#manifests.inc(removal.manifests.length);
	}

	/** `counted` is what was counted of the same run before. */
	countCollected(collected: CollectedBlobs, counted?: CollectedBlobs): void {
		this.#holds.inc(collected.holds - (counted?.holds ?? 0));
		this.#blobs.inc(collected.blobs - (counted?.blobs ?? 0));
		this.#bytes.inc(collected.bytes - (counted?.bytes ?? 0));
	}
}
