import {
	type BlobContent,
	type Descriptor,
	type Digest,
	type FoundBlob,
	type FoundManifest,
	type HeldBlob,
	type ImageName,
	type OpenRepositoryBlobOptions,
	type Page,
	type PageRequest,
	PullTimes,
	type ReadOptions,
	type Reference,
	type ReferrersRequest,
	type Repository,
	type RepositoryContext,
	type RepositoryRules,
	type RepositoryWriter,
	type TagName,
} from '@stowage/core';
import {listReadableImages} from './list-readable-images.ts';
import {LocalWriter} from './local-writer.ts';
import type {LocalOptions} from './options.ts';

/** A repository that has what was pushed to it: rows of the database and blobs of one storage. */
export class LocalRepository implements Repository {
	readonly key: string;
	readonly type = 'local';
	readonly priorityResolution: boolean;
	readonly rules: RepositoryRules;
	readonly writer: RepositoryWriter;
	readonly #context: RepositoryContext;
	readonly #pulls: PullTimes;

	constructor(options: LocalOptions, context: RepositoryContext) {
		this.key = context.key;
		this.priorityResolution = options.priorityResolution;
		this.rules = context.rules;
		this.writer = new LocalWriter(options, context);
		this.#context = context;
		this.#pulls = new PullTimes(context.records, context.logger);
		if (context.rules.writes.quota !== undefined) {
			context.jobs.every({minutes: 1440}, 'count-held-bytes', () => context.records.recountHeld());
		}
	}

	async findManifest(image: ImageName, reference: Reference): Promise<FoundManifest | undefined> {
		const found = await this.#context.records.findManifest(image, reference);
		if (found === undefined) {
			return undefined;
		}
		this.#pulls.note(image, found.manifest.digest);
		return {...found, repository: this.key};
	}

	async findBlob(image: ImageName, digest: Digest): Promise<FoundBlob | undefined> {
		const held = await this.#findHeld(image, digest);
		return held && {descriptor: blobDescriptor(held), repository: this.key};
	}

	async openBlob(
		image: ImageName,
		digest: Digest,
		{range, redirect, signal}: OpenRepositoryBlobOptions,
	): Promise<BlobContent | undefined> {
		const held = await this.#context.records.findBlob(image, digest);
		return held && this.#context.blobs.open(held, {range: range?.(held.size), redirect, signal});
	}

	listTags(image: ImageName, page: PageRequest): Promise<Page<TagName> | undefined> {
		return this.#context.records.listTags(image, page);
	}

	async listImages(page: PageRequest, {caller, signal}: ReadOptions): Promise<Page<ImageName>> {
		if (!caller.may('read', this.key)) {
			return {items: []};
		}
		const list = (request: PageRequest) => this.#context.records.listImages(request);
		return listReadableImages(list, page, {mayRead: image => caller.may('read', this.key, image), signal});
	}

	listReferrers(image: ImageName, subject: Digest, request: ReferrersRequest): Promise<Page<Descriptor>> {
		return this.#context.records.listReferrers(image, subject, request);
	}

	async close(): Promise<void> {
		await this.#pulls.close();
	}

	/** Renews the hold when half of the grace period has passed, since the answer is a promise for all of it. */
	async #findHeld(image: ImageName, digest: Digest): Promise<HeldBlob | undefined> {
		const {records, gracePeriodMs} = this.#context;
		const held = await records.findBlob(image, digest);
		if (held === undefined || Date.now() - held.heldAt.getTime() < gracePeriodMs / 2) {
			return held;
		}
		return (await records.hold(image, held.storage, digest)) ? held : undefined;
	}
}

function blobDescriptor({digest, size}: HeldBlob): Descriptor {
	return {mediaType: 'application/octet-stream', digest, size};
}
