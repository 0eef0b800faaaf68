import {
	type Abortable,
	type MigratedTag,
	type Caller,
	type Digest,
	type ImageName,
	type Repository,
	type RepositoryWriter,
	type TagName,
	type V1ImageId,
	everythingCaller,
} from '@stowage/core';
import {Readable} from 'node:stream';
import type {ImageForm} from './build-config.ts';
import {type BuiltImage, buildImage, emptyLayerBytes} from './build-manifest.ts';
import type {LayerConverter} from './layer-converter.ts';
import {readChain} from './read-chain.ts';
import type {V1Source} from './v1-source.ts';

export interface ImageConverterParts extends Abortable {
	readonly source: V1Source;
	readonly layers: LayerConverter;
	readonly target: Repository;
	readonly writer: RepositoryWriter;
	readonly form: ImageForm;
	readonly caller: Caller;
}

/** Makes images of today from V1 images, and gives them tags. */
export class ImageConverter {
	readonly #parts: ImageConverterParts;

	constructor(parts: ImageConverterParts) {
		this.#parts = parts;
	}

	/** The V1 image of this id as `image:tag`. A tag that is on it already is left as it is. */
	async convert(id: V1ImageId, image: ImageName, tag: TagName): Promise<MigratedTag> {
		const {source, layers, writer, form, caller, signal} = this.#parts;
		const converted = [];
		for (const one of await readChain(source, id, {signal})) {
			converted.push([one, await layers.convert(one, image)] as const);
		}
		const built = buildImage(converted, form);
		const {digest, bytes, mediaType} = built.manifest;
		if (await this.#isThere(image, tag, digest)) {
			return {image, tag, digest, unchanged: true};
		}
		await this.#storeRest(image, built);
		await writer.putManifest(image, {bytes, mediaType, tags: [tag]}, {caller, signal});
		return {image, tag, digest, unchanged: false};
	}

	async #isThere(image: ImageName, tag: TagName, digest: Digest): Promise<boolean> {
		const {target, caller, signal} = this.#parts;
		const options = {caller: everythingCaller(caller.name), peek: true, signal};
		return (await target.findManifest(image, {tag}, options))?.manifest.digest === digest;
	}

	/** What no layer of the source gave. */
	async #storeRest(image: ImageName, {config, stand}: BuiltImage): Promise<void> {
		await this.#store(image, config.bytes, config.digest);
		if (stand !== undefined) {
			await this.#store(image, emptyLayerBytes, stand);
		}
	}

	async #store(image: ImageName, bytes: Buffer, digest: Digest): Promise<void> {
		const {writer, caller, signal} = this.#parts;
		const upload = await writer.startUpload(image, {caller, signal});
		try {
			await upload.append(Readable.from([bytes], {objectMode: false}), {signal});
			await upload.commit(digest, {signal});
		} catch (error) {
			await upload.cancel();
			throw error;
		}
	}
}
