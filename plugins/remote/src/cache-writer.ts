import {
	type Descriptor,
	type Digest,
	type ImageName,
	type ManifestRecord,
	RegistryError,
	type RepositoryContext,
	type RepositoryWriter,
	type TagName,
	type Upload,
} from '@stowage/core';
import type {UpstreamAddress} from './upstream-address.ts';

/** Deletes from the cache, and refuses everything that would put something there. */
export class CacheWriter implements RepositoryWriter {
	readonly #context: RepositoryContext;
	readonly #address: UpstreamAddress;

	constructor(context: RepositoryContext, address: UpstreamAddress) {
		this.#context = context;
		this.#address = address;
	}

	startUpload(): Promise<Upload> {
		return this.#refuse();
	}

	async findUpload(): Promise<undefined> {
		return undefined;
	}

	mountBlob(): Promise<Descriptor | undefined> {
		return this.#refuse();
	}

	putManifest(): Promise<ManifestRecord> {
		return this.#refuse();
	}

	async deleteManifest(image: ImageName, digest: Digest): Promise<boolean> {
		const name = this.#address.imageOf(image);
		const outcome = name && (await this.#context.records.deleteManifest(name, digest));
		if (outcome === 'in-index') {
			throw inUse('an index of the image names this manifest: delete that first', digest);
		}
		return outcome === 'deleted';
	}

	async deleteTag(image: ImageName, tag: TagName): Promise<boolean> {
		const name = this.#address.imageOf(image);
		return name !== undefined && this.#context.records.deleteTag(name, tag);
	}

	async deleteBlob(image: ImageName, digest: Digest): Promise<boolean> {
		const name = this.#address.imageOf(image);
		const outcome = name && (await this.#context.records.release(name, digest));
		if (outcome === 'in-use') {
			throw inUse('a manifest of the image needs this blob: delete that first', digest);
		}
		return outcome === 'released';
	}

	async #refuse(): Promise<never> {
		const {key} = this.#context;
		const message = `"${key}-cache" is the cache of the remote repository "${key}": nothing can be pushed to it`;
		throw new RegistryError('UNSUPPORTED', message, {detail: {repository: `${key}-cache`, type: 'remote-cache'}});
	}
}

function inUse(message: string, digest: Digest): RegistryError {
	return new RegistryError('DENIED', message, {detail: {digest}});
}
