import {
	type Digest,
	type FoundManifest,
	type FoundManifestRecord,
	type ImageName,
	type ManifestRecord,
	type PullTimes,
	type ReadOptions,
	type Reference,
	type RepositoryContext,
	parseManifest,
	unlessAborted,
} from '@stowage/core';
import {LRUCache} from 'lru-cache';
import type {Availability} from './availability.ts';
import type {RemoteOptions} from './options.ts';
import {SingleFlight} from './single-flight.ts';
import {storedWarning} from './stored-warning.ts';
import {UpstreamError} from './upstream-error.ts';
import type {UpstreamManifests} from './upstream-manifests.ts';

export interface RemoteManifestsParts {
	readonly options: RemoteOptions;
	readonly context: RepositoryContext;
	readonly upstream: UpstreamManifests;
	readonly availability: Availability;
	readonly pulls: PullTimes;
}

type Found = (FoundManifestRecord & {readonly warning?: string}) | undefined;

const remembered = 20_000;

/** Manifests that are stored here, kept as current as the options say, and those that the upstream gives. */
export class RemoteManifests {
	readonly #parts: RemoteManifestsParts;
	readonly #flights = new SingleFlight<Found>();
	/** What a tag was found to name, as long as that counts. */
	readonly #fresh = new LRUCache<string, Digest>({max: remembered});
	/** What the upstream does not have, as long as that counts. */
	readonly #missing = new LRUCache<string, true>({max: remembered});

	constructor(parts: RemoteManifestsParts) {
		this.#parts = parts;
	}

	async find(image: ImageName, reference: Reference, options: ReadOptions): Promise<FoundManifest | undefined> {
		const {context, pulls} = this.#parts;
		const stored = await context.records.findManifest(image, reference);
		const found =
			stored !== undefined && this.#isCurrent(image, reference, stored)
				? stored
				: await this.#ask(image, reference, {stored, options});
		if (found === undefined) {
			return undefined;
		}
		pulls.note(image, found.manifest.digest);
		return {...found, repository: context.key};
	}

	#isCurrent(image: ImageName, reference: Reference, stored: FoundManifestRecord): boolean {
		return reference.tag === undefined || this.#fresh.get(`${image}:${reference.tag}`) === stored.manifest.digest;
	}

	async #ask(
		image: ImageName,
		reference: Reference,
		{stored, options}: {readonly stored: FoundManifestRecord | undefined; readonly options: ReadOptions},
	): Promise<Found> {
		if (this.#parts.options.offline || (options.storedOnly === true && !(stored && options.revalidate))) {
			return stored;
		}
		const name = nameOf(image, reference);
		if (this.#missing.has(name)) {
			return stored && this.#gone(stored);
		}
		const flight = this.#flights.run(name, () => this.#refresh(image, reference, stored));
		return unlessAborted(flight, options.signal);
	}

	/** Trouble is told when there is nothing to serve, or the operator wants it to be told. */
	async #refresh(image: ImageName, reference: Reference, stored: FoundManifestRecord | undefined): Promise<Found> {
		const {availability, options, context} = this.#parts;
		try {
			return await availability.run(() => this.#current(image, reference, stored));
		} catch (error) {
			if (stored === undefined || options.hardFail || !(error instanceof UpstreamError)) {
				throw error;
			}
			context.logger.debug({err: error, image, reference}, 'what is stored is served, since the upstream fails');
			return {...stored, warning: storedWarning(context.key, error.message)};
		}
	}

	async #current(image: ImageName, reference: Reference, stored: FoundManifestRecord | undefined): Promise<Found> {
		const {options, upstream, context} = this.#parts;
		if (stored === undefined || reference.tag === undefined || options.bypassHeadRequests) {
			return this.#fetch(image, reference, stored);
		}
		const state = await upstream.head(image, reference);
		if (state === 'absent') {
			return this.#absent(image, reference, stored);
		}
		if (state === stored.manifest.digest) {
			this.#remember(image, reference, stored.manifest.digest);
			return stored;
		}
		const known = state === 'unknown' ? undefined : await context.records.findManifest(image, {digest: state});
		if (known !== undefined) {
			const {bytes, mediaType, digest} = known.manifest;
			return this.#store(image, reference, parseManifest(bytes, mediaType, digest));
		}
		return this.#fetch(image, reference, stored);
	}

	async #fetch(image: ImageName, reference: Reference, stored: FoundManifestRecord | undefined): Promise<Found> {
		const manifest = await this.#parts.upstream.get(image, reference);
		if (manifest !== undefined) {
			return this.#store(image, reference, manifest);
		}
		return this.#absent(image, reference, stored);
	}

	#absent(image: ImageName, reference: Reference, stored: FoundManifestRecord | undefined): Found {
		const {missedRetrievalCachePeriodSecs} = this.#parts.options;
		if (missedRetrievalCachePeriodSecs > 0) {
			this.#missing.set(nameOf(image, reference), true, {ttl: missedRetrievalCachePeriodSecs * 1000});
		}
		return stored && this.#gone(stored);
	}

	/** What was taken away upstream is what a cache is for. */
	#gone(stored: FoundManifestRecord): Found {
		const why = 'the upstream does not have this tag any more';
		return {...stored, warning: storedWarning(this.#parts.context.key, why)};
	}

	/** Without what it names: that is fetched when it is asked for. */
	async #store(image: ImageName, reference: Reference, manifest: ManifestRecord): Promise<Found> {
		const {context} = this.#parts;
		const tags = reference.tag === undefined ? [] : [reference.tag];
		const how = {tags, by: context.key, mayMoveTags: true, sparse: true, partial: true};
		await context.records.putManifest(image, manifest, how);
		this.#missing.delete(nameOf(image, reference));
		this.#remember(image, reference, manifest.digest);
		return reference.tag === undefined ? {manifest} : {manifest, taggedAt: new Date()};
	}

	#remember(image: ImageName, {tag}: Reference, digest: Digest): void {
		const {retrievalCachePeriodSecs} = this.#parts.options;
		if (tag !== undefined && retrievalCachePeriodSecs > 0) {
			this.#fresh.set(`${image}:${tag}`, digest, {ttl: retrievalCachePeriodSecs * 1000});
		}
	}
}

function nameOf(image: ImageName, {tag, digest}: Reference): string {
	return tag === undefined ? `${image}@${digest}` : `${image}:${tag}`;
}
