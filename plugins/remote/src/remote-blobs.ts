import {
	type BlobContent,
	type ByteRange,
	type CopySource,
	type Digest,
	type FoundBlob,
	type HeldBlob,
	type ImageName,
	type OpenRepositoryBlobOptions,
	type ReadOptions,
	RegistryError,
	type RepositoryContext,
	unlessAborted,
} from '@stowage/core';
import {matchesAnt} from './ant-pattern.ts';
import type {Availability} from './availability.ts';
import {emptyLayer, openEmptyLayer} from './empty-layer.ts';
import {findNamedBlob} from './named-blob.ts';
import type {RemoteOptions} from './options.ts';
import {SingleFlight} from './single-flight.ts';
import type {BlobRequest, UpstreamBlobs} from './upstream-blobs.ts';

export interface RemoteBlobsParts {
	readonly options: RemoteOptions;
	readonly context: RepositoryContext;
	readonly upstream: UpstreamBlobs;
	readonly availability: Availability;
}

interface WantedBlob extends BlobRequest {
	/** Whether the upstream has just said that it has it. */
	readonly asked: boolean;
}

/**
 * Blobs that are stored here, and those that a stored manifest of the image names: only they are asked for, so that
 * nobody finds out by guessing what the upstream has.
 */
export class RemoteBlobs {
	readonly #parts: RemoteBlobsParts;
	readonly #flights = new SingleFlight<boolean>();

	constructor(parts: RemoteBlobsParts) {
		this.#parts = parts;
	}

	async find(image: ImageName, digest: Digest, {storedOnly, signal}: ReadOptions): Promise<FoundBlob | undefined> {
		const {key: repository} = this.#parts.context;
		const held = await this.#findHeld(image, digest);
		if (held !== undefined) {
			return {descriptor: {mediaType: 'application/octet-stream', digest, size: held.size}, repository};
		}
		if (digest === emptyLayer.digest) {
			return {descriptor: emptyLayer, repository};
		}
		const wanted = await this.#findWanted(image, digest, {storedOnly, signal});
		// That it is named does not say that it can be had, which clients take an answer to HEAD for.
		const given = wanted !== undefined && (await unlessAborted(this.#isGiven(wanted), signal));
		return given
			? {descriptor: {mediaType: 'application/octet-stream', digest, size: wanted.size}, repository}
			: undefined;
	}

	async open(
		image: ImageName,
		digest: Digest,
		{range, redirect, storedOnly, signal}: OpenRepositoryBlobOptions,
	): Promise<BlobContent | undefined> {
		const {blobs, records} = this.#parts.context;
		const held = await records.findBlob(image, digest);
		if (held !== undefined) {
			return blobs.open(held, {range: range?.(held.size), redirect, signal});
		}
		if (digest === emptyLayer.digest) {
			return openEmptyLayer(range?.(emptyLayer.size));
		}
		const wanted = await this.#findWanted(image, digest, {storedOnly, signal});
		return wanted && this.#fetch(wanted, {range: range?.(wanted.size), redirect, signal});
	}

	/** Renews the hold when half of the grace period has passed, since the answer is a promise for all of it. */
	async #findHeld(image: ImageName, digest: Digest): Promise<HeldBlob | undefined> {
		const {records, gracePeriodMs} = this.#parts.context;
		const held = await records.findBlob(image, digest);
		if (held === undefined || Date.now() - held.heldAt.getTime() < gracePeriodMs / 2) {
			return held;
		}
		return (await records.hold(image, held.storage, digest)) ? held : undefined;
	}

	/** What to ask the upstream for; undefined when it is not to be asked. */
	async #findWanted(
		image: ImageName,
		digest: Digest,
		{storedOnly, signal}: Pick<ReadOptions, 'storedOnly' | 'signal'>,
	): Promise<WantedBlob | undefined> {
		const {options, context, upstream, availability} = this.#parts;
		if (storedOnly === true || options.offline) {
			return undefined;
		}
		const manifest = await context.records.findReferring(image, digest);
		const named = manifest && findNamedBlob(manifest, digest);
		if (named === undefined) {
			return undefined;
		}
		const asking = signal ?? context.signal;
		const asked = named.size === undefined;
		const size = named.size ?? (await availability.run(() => upstream.size(image, digest, asking)));
		return size === undefined ? undefined : {image, digest, size, urls: this.#allowed(named.urls), asked};
	}

	#isGiven(wanted: WantedBlob): Promise<boolean> {
		const {availability, context} = this.#parts;
		return this.#flights.run(`${wanted.image}@${wanted.digest}`, () =>
			availability.run(() => this.#gives(wanted, context.signal)),
		);
	}

	/** Whether the upstream gives it, or an address that the manifest names. */
	async #gives(wanted: WantedBlob, signal: AbortSignal): Promise<boolean> {
		const {upstream} = this.#parts;
		const given = wanted.asked || (await upstream.has(wanted, signal));
		if (given || wanted.urls.length === 0) {
			return given;
		}
		try {
			const body = await upstream.open(wanted, {offset: 0, signal});
			body?.destroy();
			return body !== undefined;
		} catch (error) {
			if (isUnknown(error)) {
				return false;
			}
			throw error;
		}
	}

	#allowed(urls: readonly string[]): readonly URL[] {
		const {externalDependenciesEnabled, externalDependenciesPatterns} = this.#parts.options;
		if (!externalDependenciesEnabled) {
			return [];
		}
		return urls
			.map(url => URL.parse(url))
			.filter(url => url !== null)
			.filter(({href}) => externalDependenciesPatterns.some(pattern => matchesAnt(pattern, href)));
	}

	async #fetch(
		wanted: WantedBlob,
		how: {readonly range?: ByteRange; readonly redirect?: boolean; readonly signal?: AbortSignal},
	): Promise<BlobContent | undefined> {
		const {context, availability} = this.#parts;
		const {image, digest, size} = wanted;
		try {
			return await availability.run(async () => {
				const held = await this.#takeStored(wanted, how.signal ?? context.signal);
				if (held !== undefined) {
					return context.blobs.open(held, how);
				}
				const owner = {image, startedBy: context.key};
				return context.blobs.copyThrough(owner, {digest, size}, this.#sourceOf(wanted), how);
			});
		} catch (error) {
			if (isUnknown(error)) {
				return undefined;
			}
			throw error;
		}
	}

	/** What another image has brought here need not come again, once the upstream has said that this one has it too. */
	async #takeStored(wanted: WantedBlob, signal: AbortSignal): Promise<HeldBlob | undefined> {
		const {context, options} = this.#parts;
		const {image, digest} = wanted;
		if (options.bypassHeadRequests || (await context.blobs.find(digest)) === undefined) {
			return undefined;
		}
		const given = await this.#gives(wanted, signal);
		return given && (await context.blobs.hold(image, digest)) ? context.records.findBlob(image, digest) : undefined;
	}

	#sourceOf(wanted: WantedBlob): CopySource {
		return {
			givenAway: true,
			open: (signal, offset, end) => this.#parts.upstream.open(wanted, {offset, end, signal}),
			check: signal => this.#gives(wanted, signal),
		};
	}
}

function isUnknown(error: unknown): boolean {
	return error instanceof RegistryError && error.code === 'BLOB_UNKNOWN';
}
