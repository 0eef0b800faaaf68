import {
	type Abortable,
	type BlobContent,
	type Caller,
	type Page,
	type PageRequest,
	type V1ImageId,
	type V1ImageRecord,
	type V1Images,
	findImageName,
	findTagName,
} from '@stowage/core';
import type {Readable} from 'node:stream';
import type {V1SourceLayer, V1Source, V1StoredImage} from './v1-source.ts';

const atATime = 200;
/** Images of this many are asked for once: those that are below many others, above all. */
const remembered = 1000;

/** The V1 images of a repository of this registry, as far as the caller may read them. */
export class RepositorySource implements V1Source {
	readonly name: string;
	readonly #images: V1Images;
	readonly #caller: Caller;
	readonly #found = new Map<V1ImageId, V1ImageRecord>();

	constructor(key: string, images: V1Images, caller: Caller) {
		this.name = `"${key}"`;
		this.#images = images;
		this.#caller = caller;
	}

	async *listImages({signal}: Abortable = {}): AsyncGenerator<string> {
		yield* pages(async page => this.#images.listNames(page, {caller: this.#caller, signal}));
	}

	async *listTags(image: string): AsyncGenerator<string> {
		const name = findImageName(image);
		if (name !== undefined) {
			for await (const {tag} of pages(async page => this.#images.listTags(name, page))) {
				yield tag;
			}
		}
	}

	async findTag(image: string, tag: string): Promise<V1ImageId | undefined> {
		const [name, word] = [findImageName(image), findTagName(tag)];
		const found = name && word && (await this.#images.findTag(name, word));
		return found?.id;
	}

	async findImage(id: V1ImageId, options: Abortable = {}): Promise<V1StoredImage | undefined> {
		const found = await this.#find(id, options);
		return found && {json: found.json};
	}

	async findLayer(id: V1ImageId, options: Abortable = {}): Promise<V1SourceLayer | undefined> {
		const found = await this.#find(id, options);
		if (found === undefined) {
			return undefined;
		}
		const {layer} = found;
		const open = async ({signal}: Abortable = {}) => openContent(await this.#images.openLayer(layer, {signal}));
		return {key: layer.digest, size: layer.size, open};
	}

	async #find(id: V1ImageId, {signal}: Abortable): Promise<V1ImageRecord | undefined> {
		const known = this.#found.get(id);
		if (known !== undefined) {
			return known;
		}
		const found = await this.#images.findImage(id, {caller: this.#caller, signal});
		if (found !== undefined) {
			const [oldest] = this.#found.size < remembered ? [] : this.#found.keys();
			if (oldest !== undefined) {
				this.#found.delete(oldest);
			}
			this.#found.set(id, found);
		}
		return found;
	}
}

async function openContent(content: BlobContent): Promise<Readable> {
	if (content.kind === 'elsewhere') {
		throw new Error('the storage of a layer gave an address instead of its bytes');
	}
	return content.kind === 'file' ? content.open() : content.body;
}

async function* pages<Item>(list: (page: PageRequest) => Promise<Page<Item> | undefined>): AsyncGenerator<Item> {
	for (let after: string | undefined; ;) {
		const page = await list({limit: atATime, after});
		yield* page?.items ?? [];
		if (page?.next === undefined) {
			return;
		}
		after = page.next;
	}
}
