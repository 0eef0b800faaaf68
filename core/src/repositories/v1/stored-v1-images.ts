import type {BlobContent} from '../../blobs/blob-store.ts';
import type {V1ImageRecord, V1Layer, V1Tag} from '../../metadata/v1-records.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {V1ImageId} from '../../oci/v1-image-id.ts';
import type {Page, PageRequest} from '../../types/page.ts';
import type {RepositoryContext} from '../repository-type.ts';
import {demandServed} from '../rules/refusals.ts';
import {serves} from '../rules/repository-rules.ts';
import {StoredV1Writer} from './stored-v1-writer.ts';
import type {OpenV1LayerOptions, V1Images, V1Options, V1Writer} from './v1-images.ts';
import {isHeldBy} from './v1-visibility.ts';

/** How many names are asked for at a time where some may be left out. */
const scanned = 200;

/** Images of Docker's first API as rows, and their layers as blobs that V2 shares. */
export class StoredV1Images implements V1Images {
	readonly writer: V1Writer;
	readonly #context: RepositoryContext;

	constructor(context: RepositoryContext) {
		this.#context = context;
		this.writer = new StoredV1Writer(context);
	}

	async listNames({limit, after}: PageRequest, {caller, signal}: V1Options): Promise<Page<ImageName>> {
		const {records, key, rules} = this.#context;
		const items: ImageName[] = [];
		for (let from = after; ;) {
			signal?.throwIfAborted();
			const page = await records.v1.listNames({limit: scanned, after: from});
			for (const image of page.items.filter(name => serves({rules}, name) && caller.may('read', key, name))) {
				if (items.length === limit) {
					return {items, next: items.at(-1)};
				}
				items.push(image);
			}
			if (page.next === undefined) {
				return {items};
			}
			from = page.next;
		}
	}

	async listTags(image: ImageName, page: PageRequest): Promise<Page<V1Tag> | undefined> {
		demandServed(this.#context, image);
		return this.#context.records.v1.listTags(image, page);
	}

	async findTag(image: ImageName, tag: TagName): Promise<V1Tag | undefined> {
		demandServed(this.#context, image);
		return this.#context.records.v1.findTag(image, tag);
	}

	async listImages(image: ImageName, page: PageRequest): Promise<Page<Pick<V1ImageRecord, 'id' | 'checksum'>>> {
		demandServed(this.#context, image);
		return this.#context.records.v1.listImages(image, page);
	}

	async findImage(id: V1ImageId, options: V1Options): Promise<V1ImageRecord | undefined> {
		return (await this.#mayRead(id, options)) ? this.#context.records.v1.findImage(id) : undefined;
	}

	async listAncestry(id: V1ImageId, options: V1Options): Promise<readonly V1ImageId[] | undefined> {
		return (await this.#mayRead(id, options)) ? this.#context.records.v1.listAncestry(id) : undefined;
	}

	async openLayer({digest}: V1Layer, options: OpenV1LayerOptions = {}): Promise<BlobContent> {
		const {records, blobs, key} = this.#context;
		const blob = await records.v1.findLayer(digest);
		if (blob === undefined) {
			throw new Error(`repository "${key}": the layer ${digest} of a V1 image is not held any more`);
		}
		return blobs.open(blob, options);
	}

	#mayRead(id: V1ImageId, {caller}: V1Options): Promise<boolean> {
		const {records, key, rules} = this.#context;
		return isHeldBy(records.v1, id, image => serves({rules}, image) && caller.may('read', key, image));
	}
}
