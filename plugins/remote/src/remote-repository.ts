import {
	type BlobContent,
	type Descriptor,
	type Digest,
	type FoundBlob,
	type FoundManifest,
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
	type TagName,
} from '@stowage/core';
import {Availability} from './availability.ts';
import {CacheRepository} from './cache-repository.ts';
import {cleanUpUnused} from './clean-up-unused.ts';
import type {RemoteOptions} from './options.ts';
import {RemoteBlobs} from './remote-blobs.ts';
import {RemoteLists} from './remote-lists.ts';
import {RemoteManifests} from './remote-manifests.ts';
import {UpstreamBlobs} from './upstream-blobs.ts';
import {UpstreamLists} from './upstream-lists.ts';
import {UpstreamManifests} from './upstream-manifests.ts';
import {Upstream} from './upstream.ts';

const cleaningMinutes = 60;

/** A repository that has what another registry has: what is asked for is fetched, passed on and stored. */
export class RemoteRepository implements Repository {
	readonly key: string;
	readonly type = 'remote';
	readonly fetches = true;
	readonly priorityResolution: boolean;
	readonly readOnlyBecause: string;
	readonly rules: RepositoryRules;
	readonly cache: Repository;
	readonly nameOf: (image: ImageName) => ImageName;
	readonly #upstream: Upstream;
	readonly #manifests: RemoteManifests;
	readonly #blobs: RemoteBlobs;
	readonly #lists: RemoteLists;
	readonly #pulls: PullTimes;

	constructor(options: RemoteOptions, context: RepositoryContext) {
		const {key, logger, records, rules, signal} = context;
		this.key = key;
		this.rules = rules;
		this.priorityResolution = options.priorityResolution;
		this.readOnlyBecause = `"${key}" is a remote repository, that shows what another registry has: nothing can be pushed to it, and stored images are deleted from "${key}-cache"`;
		this.#upstream = new Upstream(options);
		this.#pulls = new PullTimes(records, logger);
		const {address} = this.#upstream;
		const availability = new Availability(options, () => this.#upstream.isDown());
		const parts = {options, context, availability, address, pulls: this.#pulls};
		this.nameOf = image => address.imageOf(image) ?? image;
		this.#manifests = new RemoteManifests({...parts, upstream: new UpstreamManifests(this.#upstream, options, signal)});
		this.#blobs = new RemoteBlobs({...parts, upstream: new UpstreamBlobs(this.#upstream, options)});
		const lists = new UpstreamLists(this.#upstream, signal);
		this.#lists = new RemoteLists({...parts, upstream: lists, manifests: this.#manifests});
		this.cache = new CacheRepository(context, address, this.#pulls);
		this.#cleanUp(options, context);
	}

	async findManifest(image: ImageName, reference: Reference, options: ReadOptions): Promise<FoundManifest | undefined> {
		const name = this.#upstream.address.imageOf(image);
		return name && this.#manifests.find(name, reference, options);
	}

	async findBlob(image: ImageName, digest: Digest, options: ReadOptions): Promise<FoundBlob | undefined> {
		const name = this.#upstream.address.imageOf(image);
		return name && this.#blobs.find(name, digest, options);
	}

	async openBlob(
		image: ImageName,
		digest: Digest,
		options: OpenRepositoryBlobOptions,
	): Promise<BlobContent | undefined> {
		const name = this.#upstream.address.imageOf(image);
		return name && this.#blobs.open(name, digest, options);
	}

	async listTags(image: ImageName, page: PageRequest, options: ReadOptions): Promise<Page<TagName> | undefined> {
		const name = this.#upstream.address.imageOf(image);
		return name && this.#lists.tags(name, page, options);
	}

	listImages(page: PageRequest, options: ReadOptions): Promise<Page<ImageName>> {
		return this.#lists.images(page, options);
	}

	async listReferrers(
		image: ImageName,
		subject: Digest,
		request: ReferrersRequest,
		options: ReadOptions,
	): Promise<Page<Descriptor>> {
		const name = this.#upstream.address.imageOf(image);
		return name === undefined ? {items: []} : this.#lists.referrers(name, subject, request, options);
	}

	async close(): Promise<void> {
		await this.#pulls.close();
		await this.#upstream.close();
	}

	#cleanUp({unusedArtifactsCleanupPeriodHours: hours}: RemoteOptions, context: RepositoryContext): void {
		if (hours > 0) {
			context.jobs.every({minutes: cleaningMinutes}, 'clean-up-unused', async options => {
				await this.#pulls.flush();
				await cleanUpUnused(context, {unusedForMs: hours * 3_600_000}, options);
			});
		}
	}
}
