import type {
	BlobContent,
	Descriptor,
	Digest,
	FoundBlob,
	FoundManifest,
	ImageName,
	OpenRepositoryBlobOptions,
	Page,
	PageRequest,
	PullTimes,
	ReadOptions,
	Reference,
	ReferrersRequest,
	Repository,
	RepositoryContext,
	RepositoryWriter,
	TagName,
} from '@stowage/core';
import {CacheWriter} from './cache-writer.ts';
import {listStoredImages} from './list-stored-images.ts';
import {storedReferrers} from './stored-referrers.ts';
import type {UpstreamAddress} from './upstream-address.ts';

/** What a remote repository has stored: to be looked at and deleted from, without the upstream being asked. */
export class CacheRepository implements Repository {
	readonly key: string;
	readonly type = 'remote-cache';
	readonly writer: RepositoryWriter;
	readonly nameOf: (image: ImageName) => ImageName;
	readonly #context: RepositoryContext;
	readonly #address: UpstreamAddress;
	readonly #pulls: Pick<PullTimes, 'note'>;

	/** `pulls` are those of the remote repository: what is pulled from the cache is used. */
	constructor(context: RepositoryContext, address: UpstreamAddress, pulls: Pick<PullTimes, 'note'>) {
		this.key = `${context.key}-cache`;
		this.writer = new CacheWriter(context, address);
		this.nameOf = image => address.imageOf(image) ?? image;
		this.#context = context;
		this.#address = address;
		this.#pulls = pulls;
	}

	async findManifest(image: ImageName, reference: Reference): Promise<FoundManifest | undefined> {
		const name = this.#address.imageOf(image);
		const found = name && (await this.#context.records.findManifest(name, reference));
		if (name === undefined || found === undefined) {
			return undefined;
		}
		this.#pulls.note(name, found.manifest.digest);
		return {...found, repository: this.key};
	}

	async findBlob(image: ImageName, digest: Digest): Promise<FoundBlob | undefined> {
		const name = this.#address.imageOf(image);
		const held = name && (await this.#context.records.findBlob(name, digest));
		const descriptor = held && {mediaType: 'application/octet-stream', digest, size: held.size};
		return descriptor && {descriptor, repository: this.key};
	}

	async openBlob(
		image: ImageName,
		digest: Digest,
		{range, redirect, signal}: OpenRepositoryBlobOptions,
	): Promise<BlobContent | undefined> {
		const {records, blobs} = this.#context;
		const name = this.#address.imageOf(image);
		const held = name && (await records.findBlob(name, digest));
		return held && blobs.open(held, {range: range?.(held.size), redirect, signal});
	}

	async listTags(image: ImageName, page: PageRequest): Promise<Page<TagName> | undefined> {
		const name = this.#address.imageOf(image);
		return name && this.#context.records.listTags(name, page);
	}

	listImages(page: PageRequest, options: ReadOptions): Promise<Page<ImageName>> {
		return listStoredImages({key: this.key, records: this.#context.records}, page, options);
	}

	async listReferrers(image: ImageName, subject: Digest, request: ReferrersRequest): Promise<Page<Descriptor>> {
		const name = this.#address.imageOf(image);
		return name === undefined ? {items: []} : storedReferrers(this.#context, {image: name, subject}, request);
	}
}
