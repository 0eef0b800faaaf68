import type {EventBus} from '../../events/event-bus.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {Removal, RemovalRequest} from '../../metadata/removal-records.ts';
import type {RepositoryDefinition} from '../../metadata/repository-definitions.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {Abortable} from '../../types/abortable.ts';

export interface ImageRemovalParts {
	readonly metadata: Pick<MetadataStore, 'repository'>;
	readonly events: EventBus;
}

/** An image of a repository that holds images itself. */
export interface RemovalPlace {
	readonly repository: Pick<RepositoryDefinition, 'id' | 'key'>;
	readonly image: ImageName;
}

export interface RemoveOptions {
	/** Name of who removes. */
	readonly by: string;
	/** Tells what would go, and changes nothing. */
	readonly dryRun?: boolean;
}

/** Manifests that go in one transaction, besides what only they need. */
const atATime = 200;

/**
 * Removes from an image what is asked with all that only this needed: entries of an index, signatures, attestations. What
 * a tag, an index or a subject that stays needs, stays. Blobs are left to the collection.
 */
export class ImageRemoval {
	readonly #parts: ImageRemovalParts;

	constructor(parts: ImageRemovalParts) {
		this.#parts = parts;
	}

	/** In one transaction. Resolves to what was there and went, so to nothing when nothing of it was there. */
	async remove(place: RemovalPlace, request: RemovalRequest, {by, dryRun}: RemoveOptions): Promise<Removal> {
		const records = this.#parts.metadata.repository(place.repository.id);
		const removal = await records.remove(place.image, request, {dryRun});
		if (dryRun !== true) {
			this.#tell(place, removal, by);
		}
		return removal;
	}

	/** The whole image, in transactions of bounded size; what is there in between, or after an abort, is whole. */
	async removeImage(place: RemovalPlace, {by, dryRun, signal}: RemoveOptions & Abortable): Promise<Removal> {
		const records = this.#parts.metadata.repository(place.repository.id);
		if (dryRun === true) {
			return records.removeEverything(place.image, {limit: Number.MAX_SAFE_INTEGER, dryRun});
		}
		const removed = {tags: [] as Removal['tags'][number][], manifests: [] as Removal['manifests'][number][]};
		for (;;) {
			signal?.throwIfAborted();
			const removal = await records.removeEverything(place.image, {limit: atATime});
			if (removal.manifests.length === 0) {
				return removed;
			}
			this.#tell(place, removal, by);
			removed.tags.push(...removal.tags);
			removed.manifests.push(...removal.manifests);
		}
	}

	#tell({repository, image}: RemovalPlace, {tags, manifests}: Removal, by: string): void {
		const common = {at: new Date(), repository: repository.key, image, actor: by};
		for (const {tag} of tags) {
			this.#parts.events.emit({...common, type: 'tag.deleted', tag});
		}
		for (const {digest} of manifests) {
			this.#parts.events.emit({...common, type: 'manifest.deleted', digest});
		}
	}
}
